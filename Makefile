# make run      the main job: embedded grid, profile crowd, 100 agents, 30 s
# make test     every test, with the race detector
# make lint     vet for Linux, macOS and Windows, and golangci-lint
# make help     all targets

GO       ?= go
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
TEMPLATE ?= ../shared/protocol/message_template.msg
FUZZTIME ?= 60s
MANDIR   ?= man
SOAK_AGENTS ?= 1000
SOAK_HOURS  ?= 24
LDFLAGS  := -X main.version=$(VERSION)

.PHONY: help run build test test-browser test-prometheus test-nats test-kube test-static soak-sim lint generate check-generated bench fuzz coverage man vuln clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

run: build ## build, then run the profile crowd on the embedded grid
	./slload run crowd

build: ## the program, ./slload
	$(GO) build -trimpath -ldflags '$(LDFLAGS)' -o slload ./cmd/slload

# Many tests wait for a grid's clock more than they work: eight at a time.
test: ## every test, race detector on, in random order
	$(GO) test -race -shuffle=on -parallel 8 -timeout 10m ./...

test-browser: ## the pages in a real Chromium; says so and passes where there is none
	$(GO) vet -tags browser ./cmd/slload
	$(GO) test -tags browser -count=1 -timeout 5m -v -run TestBrowser ./cmd/slload

test-prometheus: ## the dashboard's queries on a real Prometheus; says so and passes where there is none
	SLLOAD_TEST_PROMETHEUS=1 $(GO) test -count=1 -timeout 5m -v -run Prometheus ./cmd/slload

test-nats: ## a run on several processes over a real nats-server; says so and passes where there is none
	SLLOAD_TEST_NATS=1 $(GO) test -count=1 -timeout 5m -v -run NATS ./cmd/slload ./cluster

test-kube: ## the manifests against Kubernetes' own schemas; says so and passes where these can't be fetched
	SLLOAD_TEST_KUBE=1 $(GO) test -count=1 -timeout 5m -v -run SchemasOfKubernetes ./internal/kube

test-static: ## the program as deploy/Containerfile builds it: does it need anything beside itself?
	SLLOAD_TEST_STATIC=1 $(GO) test -count=1 -timeout 10m -v -run TestContainersProgramIsStatic ./cmd/slload

soak-sim: ## SOAK_HOURS of SOAK_AGENTS in virtual time (docs/soak.md has what it takes)
	SLLOAD_SOAK_AGENTS=$(SOAK_AGENTS) SLLOAD_SOAK_HOURS=$(SOAK_HOURS) \
		$(GO) test -count=1 -timeout 12h -v -run '^TestSoakInVirtualTime$$' ./swarm

lint: ## go vet for three systems, golangci-lint
	$(GO) vet ./...
	GOOS=darwin $(GO) vet ./...
	GOOS=windows $(GO) vet ./...
	$(GO) tool -modfile=tools/go.mod golangci-lint run ./...

generate: ## message/*_gen.go from the message template: make generate TEMPLATE=FILE
	$(GO) run ./internal/msggen -template $(TEMPLATE) -out message

check-generated: ## fail if message/*_gen.go differs from what the template gives
	$(GO) run ./internal/msggen -template $(TEMPLATE) -out message -check

bench: ## Go benchmarks with allocation counts; then how to compare with the floor
	$(GO) test -run '^$$' -bench . -benchmem ./...
	@echo
	@echo 'What packets cost against the least that they can cost here (docs/performance.md):'
	@echo '  $(GO) run ./bench --floor PATH --echo PATH'

fuzz: ## each fuzz target for FUZZTIME
	GO='$(GO)' FUZZTIME='$(FUZZTIME)' ./tools/fuzz.sh

coverage: ## docs/coverage.md: withhold each message from the tests and see which fail; half an hour
	$(GO) test ./internal/witness -run TestProve -timeout 2h -v -prove all
	$(GO) test ./internal/witness -run TestPage -update

man: ## the manual pages, into MANDIR: make man MANDIR=/usr/local/share/man/man1
	$(GO) test -count=1 -run TestManualPages ./cmd/slload -args -man $(abspath $(MANDIR))

vuln: ## known vulnerabilities in dependencies (asks an online database)
	$(GO) tool -modfile=tools/go.mod govulncheck ./...

clean:
	rm -f slload
