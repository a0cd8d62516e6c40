// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

// Command etcd is the etcd server alone. Debian's etcd is too old: with it the
// API server's watch cache lags and a spark-submit that waits never ends.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
