// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package sparkctl

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/spf13/cobra"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/sparkctl/sparkctl/internal/cli"
	"github.com/sparkctl/sparkctl/internal/driver"
	"github.com/sparkctl/sparkctl/internal/kube/forward"
	"github.com/sparkctl/sparkctl/internal/problem"
	"github.com/sparkctl/sparkctl/sensor"
	"github.com/sparkctl/sparkctl/xcom"
)

// uiOptions are what ui is asked for.
type uiOptions struct {
	look       lookFlags
	port       int
	apiTimeout time.Duration
}

func newUICommand(env cli.Env, cluster *cli.ClusterFlags) *cobra.Command {
	o := uiOptions{look: lookFlags{cluster: cluster}}
	cmd := &cobra.Command{
		Use: "ui APP", Short: "Open the driver's web UI on this machine", Args: oneApplication,
		Long: `Carry a port of this machine to the driver's web UI and print the URL, until the driver has ended. A driver that has not started is
waited for, and a connection that is lost comes back with the next request. Only this machine can connect: the port is that of localhost.

The web UI ends with its driver; what ended applications leave is in Spark's event log, if spark.eventLog.enabled=true, for a history
server. The exit code is 0 once the driver has ended, and 86 after Ctrl-C. It takes rights of its own: sparkctl rbac --for cli --with ui

` + naming,
		Example: `  sparkctl ui @latest   # until the driver has ended, or Ctrl-C, which ends with 86

  # on a port that nobody else has
  sparkctl ui pi-driver -n jobs --port 0`,
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), env, args[0], cmd.Flags().Changed("port"))
		},
	}
	o.look.addWhere(cmd)
	cmd.Flags().IntVar(&o.port, "port", 0, "the port of this machine, 0 for any that is free; without it that of the web UI, if it is free")
	addAPITimeout(cmd.Flags(), &o.apiTimeout, "")
	return cmd
}

func (o *uiOptions) run(ctx context.Context, env cli.Env, name string, given bool) error {
	if o.port < 0 || o.port > 65535 {
		return problem.Usage("give a number from 0 to 65535", "--port: %d is no port", o.port)
	}
	l, err := o.look.look(env)
	if err != nil {
		return err
	}
	pod, err := l.find(ctx, name)
	if err != nil {
		return err
	}
	full := pod.Namespace + "/" + pod.Name
	if v := l.judge(pod); v.Final {
		return problem.Usage("see why with: sparkctl explain "+full+"; what its web UI showed is in Spark's event log, if spark.eventLog.enabled=true, for a history server",
			"driver %s has ended, and its web UI with it", full)
	}
	listener, err := listen(ctx, o.port, int(driver.WebPort(pod)), given)
	if err != nil {
		return problem.Usage("give another, or --port 0 for any that is free", "--port: %w", err)
	}
	defer func() { _ = listener.Close() }()
	return l.forward(ctx, pod, listener, o.apiTimeout)
}

// listen takes the port that was given, else the one of the web UI if it is free, else one that is.
func listen(ctx context.Context, port, web int, given bool) (net.Listener, error) {
	var config net.ListenConfig
	if given {
		return config.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	}
	listener, err := config.Listen(ctx, "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(web)))
	if err == nil {
		return listener, nil
	}
	return config.Listen(ctx, "tcp", "127.0.0.1:0")
}

// forward carries what listener accepts to the driver's web UI until the driver has ended.
func (l *looking) forward(ctx context.Context, pod *corev1.Pod, listener net.Listener, apiTimeout time.Duration) error {
	log, err := cli.Log(l.env, "sparkctl")
	if err != nil {
		return err
	}
	at, config := l.client.PodURL(pod.Namespace, pod.Name, "portforward")
	f, err := forward.New(config, at, driver.WebPort(pod), l.onceEach())
	if err != nil {
		return err
	}
	following, stop := context.WithCancel(ctx)
	defer stop()
	runs, told := make(chan struct{}), ""
	began := sync.OnceFunc(func() { close(runs) })
	ended := l.end(following, log, pod, apiTimeout, func(pod *corev1.Pod, v sensor.Verdict) {
		if text := said(pod, v); text != told && v.State != xcom.Running {
			told = text
			log.Info(text)
		}
		if v.State == xcom.Running {
			began()
		}
	})
	select {
	case <-ctx.Done():
		return cli.Ended(xcom.ExitCancelled)
	case end := <-ended:
		return end.blind()
	case <-runs:
	}
	if err := f.Open(ctx); err != nil {
		return l.unforwarded(ctx, pod, err)
	}
	if _, err := fmt.Fprintf(l.env.Stdout, "http://%s\n", listener.Addr()); err != nil {
		return fmt.Errorf("write URL: %w", err)
	}
	served := make(chan error, 1)
	go func() { served <- f.Serve(following, listener) }()
	select {
	case <-ctx.Done():
		err = cli.Ended(xcom.ExitCancelled)
	case end := <-ended:
		err = end.blind()
	case err := <-served:
		return err
	}
	stop()
	return errors.Join(err, <-served)
}

// onceEach notes what is wrong, but not again and again, as a browser asks.
func (l *looking) onceEach() func(error) {
	var mu sync.Mutex
	last := ""
	return func(err error) {
		mu.Lock()
		defer mu.Unlock()
		if text := err.Error(); text != last {
			last = text
			l.note("%s", text)
		}
	}
}

// unforwarded says why no connection to the driver came about.
func (l *looking) unforwarded(ctx context.Context, pod *corev1.Pod, err error) error {
	refused := l.client.MayConnect(ctx, pod.Namespace, pod.Name, "portforward")
	switch {
	case ctx.Err() != nil:
		return cli.Ended(xcom.ExitCancelled)
	case refused != nil:
		return problem.New(xcom.ExitBlind, xcom.CategoryPermission, string(apierrors.ReasonForError(refused)),
			"ask for the Role that this prints: sparkctl rbac --for cli --with ui", "%w", refused)
	case errors.Is(err, context.DeadlineExceeded):
		return problem.New(xcom.ExitBlind, xcom.CategoryAPI, "Unreachable", "try again; the node of the driver may be away", "%w", err)
	default:
		return unreadable(err)
	}
}
