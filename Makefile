# Every target that needs more than one command is a script in hack/.
# `make test` and `make demo` do all their set-up themselves.

.PHONY: help build sparkctl-all man test lint fmt check generate verify e2e e2e-full fuzz bench golden demo images clean
.DEFAULT_GOAL := help

# golangci-lint and shfmt, in the versions that tools/pinned/go.mod names
TOOL := go tool -modfile=tools/pinned/go.mod

help: ## show this text
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

build: ## build the programs into bin/, static
	CGO_ENABLED=0 go build -trimpath -tags nethttpomithttp2 -ldflags "-s -w" -o bin/ ./cmd/...

sparkctl-all: ## build sparkctl for Linux, macOS and Windows, amd64 and arm64, into dist/sparkctl
	hack/systems.sh build

man: ## write sparkctl's manual pages into dist/man/man1
	go run ./cmd/sparkctl man dist/man/man1

test: ## run all tests that need no cluster, with the race detector
	hack/test.sh

lint: ## run the linters
	hack/lint.sh

fmt: ## format Go and shell files
	$(TOOL) golangci-lint fmt
	hack/shfmt.sh -w

check: ## everything that needs no test run: format, lint, generated files, rules of the house
	hack/check.sh

generate: ## write the generated files: reference pages, schema, README's tables
	go generate ./...

verify: ## fail if a generated file is not up to date
	hack/verify.sh

demo: ## submit and follow Spark applications on a real cluster, made here if none is named
	hack/demo.sh

images: ## build the images for amd64 and arm64 into dist/images and print their sizes
	ARCHS="amd64 arm64" hack/images.sh

e2e: ## demo, end-to-end tests and Airflow on a cluster of their own
	hack/e2e.sh

e2e-full: ## the same on every supported version; resumes where it failed, SUITE=name runs one
	SPARKCTL_E2E_FULL=1 hack/e2e.sh

fuzz: ## run every fuzz target for 10 seconds, or with hack/fuzz.sh for as long as you say
	hack/fuzz.sh

bench: ## measure time, memory, requests and sizes beside spark-submit and a poller; BENCH=name runs one part
	hack/bench.sh

golden: ## record what the real spark-submit creates for the lists of test/golden; CASE=regexp, VERSION=version
	hack/golden.sh

clean: ## remove what was built here; clusters and caches stay
	rm -rf bin dist
