// SPDX-License-Identifier: Apache-2.0
// Copyright The sparkctl Authors

package apiserver

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
)

const (
	typeJSON     = "application/json"
	typeProtobuf = "application/vnd.kubernetes.protobuf"
)

// newEncoding gives what turns the JSON of core/v1 into protobuf.
func newEncoding() func([]byte) ([]byte, error) {
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		panic(fmt.Sprintf("register core/v1: %v", err))
	}
	metav1.AddToGroupVersion(scheme, corev1.SchemeGroupVersion)
	codecs := serializer.NewCodecFactory(scheme)
	info, _ := runtime.SerializerInfoForMediaType(codecs.SupportedMediaTypes(), typeProtobuf)
	return func(text []byte) ([]byte, error) {
		object, _, err := codecs.UniversalDeserializer().Decode(text, nil, nil)
		if err != nil {
			return nil, err
		}
		var out bytes.Buffer
		err = info.Serializer.Encode(object, &out)
		return out.Bytes(), err
	}
}

// wantsProtobuf reports whether a request to the core group prefers protobuf to JSON.
func wantsProtobuf(r *Request) bool {
	for accepted := range strings.SplitSeq(r.accept, ",") {
		switch mediaType(strings.TrimSpace(accepted)) {
		case typeProtobuf:
			return !strings.Contains(accepted, "as=") && r.Group == "" && r.NonResource == ""
		case typeJSON, "*/*":
			return false
		}
	}
	return false
}

// encoded is an answer in the encoding that the request prefers. Watches stay as they are, JSON.
func (s *Server) encoded(r *Request, answer reply) reply {
	if answer.stream != nil || answer.header.Get("Content-Type") != typeJSON || !wantsProtobuf(r) {
		return answer
	}
	body, err := s.encoding()(answer.body)
	if err != nil {
		panic(fmt.Sprintf("encode answer: %v", err)) // the server made it itself
	}
	return reply{code: answer.code, header: http.Header{"Content-Type": {typeProtobuf}}, body: body}
}
