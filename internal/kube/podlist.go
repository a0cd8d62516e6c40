// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package kube

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// Numbers of the fields that are looked at (apimachinery: runtime/generated.proto and meta/v1/generated.proto; api: core/v1/generated.proto).
const (
	unknownRaw        = 2 // runtime.Unknown.raw
	listMetadata      = 1 // PodList.metadata
	listItems         = 2 // PodList.items
	podMetadata       = 1 // Pod.metadata
	metaManagedFields = 17
)

// protobufMagic stands before every object that the API server writes in protobuf (apimachinery: runtime/serializer/protobuf).
const protobufMagic = "k8s\x00"

// maxPod bounds what a pod may claim to be long: the store takes no object of more than 1.5 MiB.
const maxPod = 8 << 20

var errDamaged = errors.New("the answer in protobuf is cut off or damaged")

// isProtobuf reports whether an answer is in protobuf; nothing of it is taken.
func isProtobuf(answer *bufio.Reader) bool {
	head, err := answer.Peek(len(protobufMagic))
	return err == nil && string(head) == protobufMagic
}

// readPods shows each pod of a PodList in protobuf to visit, without its managedFields, and returns where the list goes on. Only one pod
// at a time is in memory: a chunk of them, decoded, would be many times the size of the rest of the program.
func readPods(answer *bufio.Reader, visit func(*corev1.Pod)) (next string, err error) {
	next, err = readEnvelope(answer, visit)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		// An answer that breaks off must not look like the end of the list.
		err = errDamaged
	}
	if err != nil {
		return "", fmt.Errorf("read pods: %w", err)
	}
	return next, nil
}

// readEnvelope finds the list in what the server wraps it in (runtime.Unknown).
func readEnvelope(answer *bufio.Reader, visit func(*corev1.Pod)) (next string, err error) {
	if _, err := answer.Discard(len(protobufMagic)); err != nil {
		return "", err
	}
	for {
		number, length, err := readHead(answer)
		switch {
		case err != nil:
			return "", err
		case number == unknownRaw:
			if next, err = readList(answer, length, visit); err != nil {
				return "", err
			}
			// A connection is used again only where its answer was read to the end.
			_, err = io.Copy(io.Discard, answer)
			return next, err
		}
		if _, err := answer.Discard(length); err != nil {
			return "", err
		}
	}
}

// readList reads a PodList of so many bytes.
func readList(answer *bufio.Reader, length int, visit func(*corev1.Pod)) (next string, err error) {
	limited := &io.LimitedReader{R: answer, N: int64(length)}
	list := bufio.NewReader(limited)
	var whole, kept []byte
	for {
		if _, err := list.Peek(1); errors.Is(err, io.EOF) && limited.N == 0 {
			return next, nil
		}
		number, length, err := readHead(list)
		if err != nil {
			return "", err
		}
		if whole, err = readMessage(list, whole, length); err != nil {
			return "", err
		}
		switch number {
		case listMetadata:
			var metadata metav1.ListMeta
			if err := metadata.Unmarshal(whole); err != nil {
				return "", err
			}
			next = metadata.Continue
		case listItems:
			if kept, err = withoutManagedFields(kept[:0], whole); err != nil {
				return "", err
			}
			var pod corev1.Pod
			if err := pod.Unmarshal(kept); err != nil {
				return "", err
			}
			visit(&pod)
		}
	}
}

// readHead reads the number of a field and the length of its value; all fields of the messages that are read so have a length.
func readHead(answer *bufio.Reader) (number uint64, length int, err error) {
	tag, err := binary.ReadUvarint(answer)
	if err != nil {
		return 0, 0, err
	}
	size, err := binary.ReadUvarint(answer)
	switch {
	case err != nil:
		return 0, 0, err
	case tag&7 != wireBytes, size > math.MaxInt32:
		return 0, 0, errDamaged
	}
	return tag >> 3, int(size), nil
}

// readMessage reads so many bytes into the memory of into, which grows where it must.
func readMessage(answer io.Reader, into []byte, length int) ([]byte, error) {
	if length > maxPod {
		return into, errDamaged
	}
	if cap(into) < length {
		into = make([]byte, length)
	}
	into = into[:length]
	_, err := io.ReadFull(answer, into)
	return into, err
}

// withoutManagedFields appends a pod without them to out: they are a third of it and tell who wrote what, which nobody asks.
func withoutManagedFields(out, pod []byte) ([]byte, error) {
	err := eachField(pod, func(f field) error {
		if f.number != podMetadata {
			out = append(out, f.whole...)
			return nil
		}
		length := 0
		if err := eachField(f.value, func(inner field) error {
			if inner.number != metaManagedFields {
				length += len(inner.whole)
			}
			return nil
		}); err != nil {
			return err
		}
		out = binary.AppendUvarint(out, podMetadata<<3|wireBytes)
		out = binary.AppendUvarint(out, uint64(length))
		return eachField(f.value, func(inner field) error {
			if inner.number != metaManagedFields {
				out = append(out, inner.whole...)
			}
			return nil
		})
	})
	return out, err
}

// The ways in which protobuf writes a value.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

// field is one field of a message: its bytes as a whole, and of one that has a length its value.
type field struct {
	number       uint64
	value, whole []byte
}

// eachField shows the fields of a message one after the other, until look errs.
func eachField(message []byte, look func(field) error) error {
	for len(message) > 0 {
		tag, head := binary.Uvarint(message)
		if head <= 0 {
			return errDamaged
		}
		f := field{number: tag >> 3}
		rest := message[head:]
		switch tag & 7 {
		case wireVarint:
			_, n := binary.Uvarint(rest)
			if n <= 0 {
				return errDamaged
			}
			rest = rest[n:]
		case wireFixed64, wireFixed32:
			n := map[uint64]int{wireFixed64: 8, wireFixed32: 4}[tag&7]
			if len(rest) < n {
				return errDamaged
			}
			rest = rest[n:]
		case wireBytes:
			length, n := binary.Uvarint(rest)
			if n <= 0 || length > uint64(len(rest)-n) {
				return errDamaged
			}
			f.value, rest = rest[n:n+int(length)], rest[n+int(length):]
		default:
			return errDamaged
		}
		f.whole, message = message[:len(message)-len(rest)], rest
		if err := look(f); err != nil {
			return err
		}
	}
	return nil
}
