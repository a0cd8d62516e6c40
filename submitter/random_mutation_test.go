// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package submitter_test

import (
	"github.com/sparkctl/sparkctl/submitter"
)

// mutation is a mistake in the protocol, made by what stands between it and the cluster.
type mutation struct {
	name string
	wrap func(submitter.Cluster, submitter.Launcher) submitter.Cluster
}

// of is the cluster as a launcher with this mistake sees it.
func (m mutation) of(cluster submitter.Cluster, self submitter.Launcher) submitter.Cluster {
	if m.wrap == nil {
		return cluster
	}
	return m.wrap(cluster, self)
}
