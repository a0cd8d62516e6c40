// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Command record takes down what the real spark-submit creates for the cases of test/golden.
//
// Run it by `make golden`, which names the Spark distributions. What is recorded already for a case as it stands is
// kept, so that it can be stopped and started at any time.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sparkctl/sparkctl/test/apiserver"
	"github.com/sparkctl/sparkctl/test/golden"
)

const (
	casesDir  = "test/golden/testdata/cases"
	goldenDir = "test/golden/testdata/golden"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "record:", err)
		os.Exit(1)
	}
}

// recorder does what there is to be done with spark-submit.
type recorder struct {
	homes map[string]string
	again bool
	check bool
	keep  string
	// archives is a folder for archives of classes, archiving the versions for which one is being made.
	archives  string
	archiving map[string]bool
	say       io.Writer
	mu        sync.Mutex
	failed    []error
}

// job is one case for one version.
type job struct {
	c       golden.Case
	version string
}

func run(ctx context.Context, args []string, say io.Writer) error {
	flags := flag.NewFlagSet("record", flag.ContinueOnError)
	only := flags.String("case", ".", "record the cases whose name matches this regular expression")
	again := flags.Bool("again", false, "record also what is recorded already")
	check := flags.Bool("check", false, "write nothing, and fail where spark-submit does something else than what is recorded")
	keep := flags.String("keep", "", "keep spark-submit's output and requests in this folder")
	cross := flags.Int("cross", 0, "record nothing: make so many lists of parts of the cases, and compare what spark-submit creates for each with what native builds")
	seed := flags.Uint64("seed", uint64(time.Now().UnixNano()), "cross: the first list's seed; the next one's is one more")
	homes := map[string]string{}
	flags.Func("spark", "VERSION=FOLDER: a Spark distribution; may be given for each version", func(value string) error {
		version, home, ok := strings.Cut(value, "=")
		if !ok {
			return errors.New("want VERSION=FOLDER")
		}
		homes[version] = home
		return nil
	})
	if err := flags.Parse(args); err != nil {
		return err
	}
	wanted, err := regexp.Compile(*only)
	if err != nil {
		return err
	}
	cases, err := golden.ReadCases(casesDir)
	if err != nil {
		return err
	}
	archives, err := os.MkdirTemp("", "golden-classes-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(archives)
	r := &recorder{homes: homes, again: *again, check: *check, keep: *keep, say: say, archives: archives, archiving: map[string]bool{}}
	cases = slices.DeleteFunc(cases, func(c golden.Case) bool { return !wanted.MatchString(c.Name) })
	if *cross > 0 {
		return r.crossAll(ctx, cases, *cross, *seed)
	}
	var todo []job
	for _, version := range golden.Versions() {
		for _, c := range cases {
			if homes[version] != "" && c.For(version) {
				todo = append(todo, job{c, version})
			}
		}
	}
	return r.all(ctx, todo, r.do)
}

// all does all jobs, two at a time: a JVM takes a processor of its own.
func (r *recorder) all(ctx context.Context, todo []job, do func(context.Context, job)) error {
	jobs := make(chan job)
	var workers sync.WaitGroup
	for range 2 {
		workers.Go(func() {
			for j := range jobs {
				do(ctx, j)
			}
		})
	}
	for _, j := range todo {
		if ctx.Err() == nil {
			jobs <- j
		}
	}
	close(jobs)
	workers.Wait()
	return errors.Join(append(r.failed, ctx.Err())...)
}

// do records one case for one version, unless that is done.
func (r *recorder) do(ctx context.Context, j job) {
	if !r.again && !r.check && r.recorded(j) {
		return
	}
	begin := time.Now()
	did, err := r.record(ctx, j)
	if err == nil {
		err = r.put(j, did)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if err != nil {
		r.failed = append(r.failed, fmt.Errorf("case %s for %s: %w", j.c.Name, j.version, err))
		fmt.Fprintf(r.say, "record: %s %s: %v\n", j.version, j.c.Name, err)
		return
	}
	fmt.Fprintf(r.say, "record: %s %s: %d objects in %.1f s\n", j.version, j.c.Name, len(did), time.Since(begin).Seconds())
}

func (r *recorder) recorded(j job) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	g, err := golden.ReadGolden(goldenDir, j.c.Name)
	return err == nil && g.Digest == j.c.Digest() && g.Of(j.version) != nil
}

func (r *recorder) put(j job, did []golden.Part) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	g, err := golden.ReadGolden(goldenDir, j.c.Name)
	if err != nil {
		return err
	}
	if g.Digest != j.c.Digest() {
		g = golden.New(j.c.Digest())
	}
	before := g.Format()
	g.Set(j.version, did)
	if !r.check {
		return g.Write(goldenDir, j.c.Name)
	}
	if diff := cmp.Diff(strings.Split(string(before), "\n"), strings.Split(string(g.Format()), "\n")); diff != "" {
		return fmt.Errorf("what spark-submit did is not what is recorded (- recorded):\n%s", diff)
	}
	return nil
}

// record takes down what one spark-submit creates.
func (r *recorder) record(ctx context.Context, j job) ([]golden.Part, error) {
	for {
		if did, err := r.once(ctx, j); !errors.Is(err, errLetter) {
			return did, err
		}
	}
}

// played is one spark-submit and what it asked of an API server.
type played struct {
	run      golden.Run
	out      outcome
	requests []apiserver.Request
}

// play runs spark-submit against an API server of its own, its JVM with a flag of ours.
func (r *recorder) play(ctx context.Context, j job, flag string) (played, error) {
	double := apiserver.New(apiserver.Options{Namespaces: []string{"jobs"}, Resources: []apiserver.Resource{podGroups()}})
	server := httptest.NewUnstartedServer(double)
	if j.c.TLS() {
		server.StartTLS()
	} else {
		server.Start()
	}
	defer server.Close()
	if err := prepare(ctx, server); err != nil {
		return played{}, err
	}
	double.ForgetRequests()
	work, err := os.MkdirTemp("", "golden-")
	if err != nil {
		return played{}, err
	}
	defer os.RemoveAll(work)
	run := golden.Run{Version: j.version, Host: server.Listener.Addr().String(), Work: work, Begin: time.Now()}
	out, err := submit(ctx, r.homes[j.version], work, flag, j.c.At(server.URL, work))
	run.End = time.Now()
	return played{run, out, double.Requests()}, err
}

// once takes down what one run of spark-submit creates.
func (r *recorder) once(ctx context.Context, j job) ([]golden.Part, error) {
	p, err := r.play(ctx, j, r.classes(ctx, j.version))
	if err != nil {
		return nil, err
	}
	if err := r.store(j, p.out, p.requests); err != nil {
		return nil, err
	}
	if p.out.code != 0 && p.out.reason() == "" {
		return nil, fmt.Errorf("spark-submit ended with %d and without a reason; it printed %q", p.out.code, p.out.output)
	}
	all := objects(p.requests)
	switch {
	case p.out.code != 0:
		return []golden.Part{{Role: golden.Refused, Text: p.run.Text(p.out.sentence())}}, nil
	case len(all) == 0:
		return []golden.Part{{Role: golden.Refused, Text: p.run.Text(p.out.sentence()) + "nothing created\n"}}, nil
	case slices.ContainsFunc(all, func(o made) bool { return letter.MatchString(o.name) }):
		return nil, errLetter
	}
	return parts(p.run, all)
}

// A name that begins with a unique ID depends on chance: Spark changes its first letter if that is a digit, which is so in most runs.
var (
	letter    = regexp.MustCompile(`^[a-f][0-9a-f]{15}-`)
	errLetter = errors.New("a name begins with a unique ID, and that with a letter")
)

// prepare makes the ServiceAccount that cases name.
func prepare(ctx context.Context, server *httptest.Server) error {
	for _, namespace := range []string{"default", "jobs"} {
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, server.URL+"/api/v1/namespaces/"+namespace+"/serviceaccounts",
			strings.NewReader(`{"metadata": {"name": "spark"}}`))
		if err != nil {
			return err
		}
		request.Header.Set("Content-Type", "application/json")
		response, err := server.Client().Do(request)
		if err != nil {
			return err
		}
		response.Body.Close()
		if response.StatusCode != http.StatusCreated {
			return fmt.Errorf("make a ServiceAccount: %s", response.Status)
		}
	}
	return nil
}

// store keeps what was said and sent, for a look at it.
func (r *recorder) store(j job, out outcome, requests []apiserver.Request) error {
	if r.keep == "" {
		return nil
	}
	var text strings.Builder
	for _, request := range requests {
		fmt.Fprintf(&text, "%s %s %s %d\n%s\n", request.Verb, request.Path, request.ContentType, request.Status, request.Body)
	}
	fmt.Fprintf(&text, "exit %d\n%s", out.code, out.output)
	return os.WriteFile(filepath.Join(r.keep, j.c.Name+"-"+j.version+".txt"), []byte(text.String()), 0o644)
}
