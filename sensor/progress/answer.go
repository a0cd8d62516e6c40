// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package progress

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"
)

// directTimeout bounds one call to the pod's own address.
const directTimeout = 2 * time.Second

// readAnswer reads an answer of at most most bytes.
func readAnswer(response *http.Response, most int64) ([]byte, error) {
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("ask the driver's web UI: it answers %s", response.Status)
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, most+1))
	if err == nil && int64(len(text)) > most {
		err = errAnswer
	}
	if err != nil {
		return nil, fmt.Errorf("read the driver's web UI: %w", err)
	}
	return text, nil
}

// address is the start of a URL.
func address(ip string, port int32) string {
	return "http://" + net.JoinHostPort(ip, strconv.Itoa(int(port))) + "/"
}

// ActiveExecutors reads what Spark answers to /applications/ID/executors: those that have registered with the driver.
func ActiveExecutors(text []byte) (*Executors, error) {
	list := gjson.ParseBytes(text)
	if !gjson.ValidBytes(text) || !list.IsArray() {
		return nil, errAnswer
	}
	e := &Executors{}
	for _, executor := range list.Array() {
		if executor.Get("id").String() != "driver" && executor.Get("isActive").Bool() {
			e.Running++
		}
	}
	return e, nil
}

func oneLine(err error) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(err.Error(), "\n", "; ")), " ")
}
