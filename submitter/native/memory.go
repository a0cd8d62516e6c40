// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package native

import (
	"math"
	"strconv"
	"strings"

	"github.com/sparkctl/sparkctl/submitter"
)

// mebibytes reads an amount of memory such as 512m or 4g in MiB; a bare number is in MiB. What is less than a whole MiB is cut off
// (Spark: network/util/JavaUtils.byteStringAs).
func (s *settings) mebibytes(key, otherwise string) int64 { return s.bytes(key, otherwise, 20) >> 20 }

// bytes reads an amount of memory in bytes; a bare number counts 2^unit of them.
func (s *settings) bytes(key, otherwise string, unit uint) int64 {
	text := s.text(key, otherwise)
	amount, ok := byteString(text, unit)
	if !ok {
		s.refuse("give a whole number with k, m, g, t or p, such as 512m or 4g", "%s is %s, which is no amount of memory", key, s.told(key, text))
	}
	return amount
}

// byteString reads an amount of bytes with blanks around it (Java: String.trim).
func byteString(text string, unit uint) (int64, bool) {
	return submitter.ParseBytes(strings.ToLower(strings.TrimSpace(text)), unit)
}

// javaDouble writes a number as Java's Double.toString does.
func javaDouble(number float64) string {
	if size := math.Abs(number); size != 0 && (size < 1e-3 || size >= 1e7) {
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(number, 'E', -1, 64), "E")
		power, _ := strconv.Atoi(exponent)
		return withPoint(mantissa) + "E" + strconv.Itoa(power)
	}
	return withPoint(strconv.FormatFloat(number, 'f', -1, 64))
}

func withPoint(number string) string {
	if strings.Contains(number, ".") {
		return number
	}
	return number + ".0"
}
