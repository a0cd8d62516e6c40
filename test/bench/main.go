// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Command bench measures sensors beside the two usual ways of waiting for a driver, a program that
// reads the pod every 2 s and a spark-submit that waits, on the same drivers in the same run; and how many
// submissions a minute the native engine makes beside a bare client and spark-submit.
// hack/bench.sh prepares the cluster and starts it. It judges nothing: the machine decides the figures.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"
)

// options is what hack/bench.sh says.
type options struct {
	identities string // folder of kubeconfigs: admin, sensor, quiet, poller, spark-submit
	out        string // folder of the results
	scratch    string // folder for return.json: on a disk, as an emptyDir is
	namespace  string
	sensor     string // program
	sparkHome  string
	spark      string // version
	image      string
	templates  string // folder of pod templates

	pods, wave, sparks int           // part end
	sensors            int           // parts rss and requests, for each setting
	drivers            int           // part list
	sparkctl, kubectl  string        // programs
	window             time.Duration // how long they follow
}

// A report is the machine-readable result of a part.
type report struct {
	Part    string    `json:"part"`
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`
	Rows    []row     `json:"rows"`
	Notes   []string  `json:"notes,omitempty"`
}

// A row is one way of waiting: its name, and figures whose names have their unit.
type row struct {
	Name    string             `json:"name"`
	Figures map[string]float64 `json:"figures"`
}

func main() {
	log.SetFlags(log.Ltime | log.LUTC)
	if err := run(context.Background(), os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return errors.New("name a part: end, rss, requests, rate or list; or show or page, and reports; or run, and a command")
	}
	part := args[0]
	switch part {
	case "show", "page":
		return present(os.Stdout, part, args[1:])
	case "run":
		return runOne(ctx, os.Stdout, args[1:])
	}
	o, err := parse(part, args[1:])
	if err != nil {
		return err
	}
	b, err := connect(o)
	if err != nil {
		return err
	}
	began := time.Now()
	r := report{Part: part, Started: began.UTC()}
	switch part {
	case "end":
		err = b.end(ctx, &r)
	case "rss", "requests":
		err = b.follow(ctx, &r)
	case "rate":
		err = b.rate(ctx, &r)
	case "list":
		err = b.list(ctx, &r)
	default:
		err = fmt.Errorf("there is no part %s: name end, rss, requests, rate or list", part)
	}
	if err != nil {
		return err
	}
	r.Seconds = time.Since(began).Round(time.Second).Seconds()
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(o.out, part+".json"), append(text, '\n'), 0o644); err != nil {
		return err
	}
	return printTable(os.Stdout, r)
}

// parse reads what hack/bench.sh says of a part.
func parse(part string, args []string) (options, error) {
	o := options{}
	flags := flag.NewFlagSet(part, flag.ContinueOnError)
	flags.StringVar(&o.identities, "identities", "", "folder of kubeconfigs")
	flags.StringVar(&o.out, "out", "dist/bench", "folder of the results")
	flags.StringVar(&o.scratch, "scratch", "", "folder for return.json")
	flags.StringVar(&o.namespace, "namespace", "sparkctl-bench", "namespace of the drivers")
	flags.StringVar(&o.sensor, "sensor", "dist/bin/sensor", "program")
	flags.StringVar(&o.sparkHome, "spark-home", "", "SPARK_HOME")
	flags.StringVar(&o.spark, "spark-version", "", "version of the Spark in it")
	flags.StringVar(&o.image, "image", "", "image with Spark and the examples")
	flags.StringVar(&o.templates, "templates", "", "folder with driver.yaml and executor.yaml")
	flags.IntVar(&o.pods, "pods", 200, "end: short pods")
	flags.IntVar(&o.wave, "wave", 10, "end: pods at a time")
	flags.IntVar(&o.sparks, "sparks", 5, "end: real Spark drivers")
	flags.IntVar(&o.sensors, "sensors", 10, "rss, requests: sensors for each setting")
	flags.IntVar(&o.drivers, "drivers", 5000, "list: drivers that stand there")
	flags.StringVar(&o.sparkctl, "sparkctl", "dist/bench/sparkctl", "list: program")
	flags.StringVar(&o.kubectl, "kubectl", "dist/bench/kubectl", "list: program")
	flags.DurationVar(&o.window, "window", 10*time.Minute, "rss, requests: how long they follow; rate: how long each submits")
	err := flags.Parse(args)
	return o, err
}
