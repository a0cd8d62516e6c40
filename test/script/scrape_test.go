// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package script

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
)

// scrape is "scrape LOG": prints the metrics that the program that wrote that log serves.
func scrape(log string) int {
	text, err := os.ReadFile(log)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	address := regexp.MustCompile(`http://\S+/metrics`).FindString(string(text))
	answer, err := http.Get(address)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer answer.Body.Close()
	if _, err := io.Copy(os.Stdout, answer.Body); err != nil || answer.StatusCode != http.StatusOK {
		fmt.Fprintln(os.Stderr, answer.Status, err)
		return 1
	}
	return 0
}
