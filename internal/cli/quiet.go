// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package cli

import (
	"flag"
	"fmt"
	"io"

	"k8s.io/klog/v2"
)

// quietClientGo leaves out what client-go logs on its own account, for all of this process: where it matters we tell it.
func quietClientGo() {
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	// Without this, klog writes errors to standard error too, such as an answer that was cut off because nobody waits for it
	// any more. It has no function for that, only a flag.
	flags := flag.NewFlagSet("klog", flag.PanicOnError)
	klog.InitFlags(flags)
	if err := flags.Set("stderrthreshold", "FATAL"); err != nil {
		panic(fmt.Sprintf("set klog's stderrthreshold: %v", err)) // it is a literal
	}
}
