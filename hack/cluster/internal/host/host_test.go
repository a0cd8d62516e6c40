// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package host

import (
	"net/netip"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestDebianLike(t *testing.T) {
	tests := []struct {
		name, text string
		want       bool
	}{
		{"Debian is", "PRETTY_NAME=\"Debian GNU/Linux 12\"\nID=debian\n", true},
		{"Ubuntu is", "ID=ubuntu\nID_LIKE=debian\n", true},
		{"a derivative is", "ID=linuxmint\nID_LIKE=\"ubuntu debian\"\n", true},
		{"Fedora is not", "ID=fedora\nNAME=\"not debian\"\n", false},
		{"nothing is not", "", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := DebianLike(tt.text); got != tt.want {
				t.Errorf("DebianLike() = %t", got)
			}
		})
	}
}

func TestOverlapping(t *testing.T) {
	block := netip.MustParsePrefix("198.18.32.0/19")
	tests := []struct {
		name   string
		routes string
		want   []string
	}{
		{"a default route is no obstacle", "default via 10.0.0.1 dev eth0\n", nil},
		{"another network is no obstacle", "10.0.0.0/24 dev eth0 proto kernel scope link src 10.0.0.2\n", nil},
		{"another slot is no obstacle", "198.18.0.0/24 dev sparkctl0 proto kernel scope link src 198.18.0.1\n", nil},
		{"a network inside is one", "198.18.33.0/24 dev vpn0 \n", []string{"198.18.33.0/24 dev vpn0"}},
		{"a network around is one", "198.18.0.0/15 dev vpn0\n", []string{"198.18.0.0/15 dev vpn0"}},
		{"an address of the host is one", "local 198.18.40.1 dev vpn0 table local\n", []string{"local 198.18.40.1 dev vpn0 table local"}},
		{"a gateway inside is not a destination", "10.1.0.0/16 via 198.18.40.1 dev vpn0\n", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, Overlapping(tt.routes, block)); diff != "" {
				t.Errorf("Overlapping() mismatch (-want +got):\n%s", diff)
			}
		})
	}
}

func TestMountsBelow(t *testing.T) {
	t.Parallel()
	mountinfo := "22 1 8:1 / / rw - ext4 /dev/a rw\n" +
		"23 22 0:5 / /run/x rw - tmpfs tmpfs rw\n" +
		"24 23 0:5 / /run/x/deep rw - tmpfs tmpfs rw\n" +
		"25 22 0:5 / /run/xy rw - tmpfs tmpfs rw\n" +
		"26 22 0:5 / /run/x/with\\040space rw - tmpfs tmpfs rw\n"
	want := []string{"/run/x/with space", "/run/x/deep", "/run/x"}
	if diff := cmp.Diff(want, MountsBelow(mountinfo, "/run/x")); diff != "" {
		t.Errorf("MountsBelow() mismatch (-want +got):\n%s", diff)
	}
}
