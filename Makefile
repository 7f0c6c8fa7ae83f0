# Every command of the project. A person needs two: `make run` and `make test`.

SHELL       := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS   += --no-builtin-rules --no-print-directory
# What was made by half is made again.
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

TOOL := go tool -modfile=backend/tools/go.mod
# The tags of the desktop app. Packages that do not look at them compile alike
# with and without, so one set of tags everywhere means one build of all.
TAGS := desktop,production,webkit2_41
VERSION := $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)
LDFLAGS := -s -w -X main.version=$(VERSION)
SERVER := bin/openaicompatible-server
APP    := build/bin/openaicompatible
# Runs alone: it measures how fast the window comes.
DESKTOP_TEST := backend/desktop/desktoptest
# Where test runners leave their JUnit files, for the closing line of make test.
RESULTS := bin/results

# Packages that need no C compiler anywhere: those that reach neither systray
# nor Wails.
PURE = go list -f '{{$$c := false}}{{range .Deps}}{{if or (eq . "github.com/getlantern/systray") (eq . "github.com/wailsapp/wails/v2")}}{{$$c = true}}{{end}}{{end}}{{if not $$c}}{{.ImportPath}}{{end}}' ./backend/...

UI_DEPS  := frontend/node_modules/.package-lock.json
SDK_DEPS := backend/e2e/sdk/node_modules/.package-lock.json
UI       := frontend/dist/index.html
UI_FILES  = $(shell find frontend/src frontend/public frontend/index.html frontend/*.ts frontend/*.json -type f 2>/dev/null)

##@ Use

.PHONY: run
run: ## Build everything and start it: the desktop app, or the server where there is no display
	@build/run.sh

.PHONY: test
test: ## Run all that CI runs
	@rm -rf $(RESULTS)
	@RESULTS=$(RESULTS) build/steps.sh setup-test ui lint cross test-go test-ui test-pages test-desktop check-drift

##@ Work on it

.PHONY: dev
dev: setup-tools $(UI_DEPS) ## Server in demo mode and Vite's server with hot reload; Ctrl-C ends both
	@build/dev.sh

.PHONY: build
build: setup-window ui ## The desktop app and the headless server, into build/bin and bin
	go build -trimpath -tags $(TAGS) -ldflags '$(LDFLAGS)' -o $(APP) .
	@$(MAKE) server

.PHONY: server
server: ui ## The headless server alone, pure Go, into bin
	CGO_ENABLED=0 go build -trimpath -ldflags '$(LDFLAGS)' -o $(SERVER) ./backend/cmd/server

.PHONY: ui
ui: setup-tools $(UI) ## The pages, into frontend/dist

.PHONY: fmt
fmt: $(UI_DEPS) ## Format Go and TypeScript
	$(TOOL) golangci-lint fmt
	npm --prefix frontend run format

.PHONY: generate
generate: $(UI_DEPS) ## Write the files that are made from others: openapi.json, schema.gen.ts, icons
	go generate ./...
	npm --prefix frontend run generate

.PHONY: lint
lint: lint-go lint-ui ## Formatting, linters, dead code, sealed switches, workflows

.PHONY: bench
bench: setup-tools ## Measure against the yardsticks; prints the table of the README
	go run ./backend/cmd/bench

.PHONY: nightly
nightly: setup-test dist test-package test-same test-image ## What is too long for each change: packages, a storm of failures, a minute of fuzzing a target, known vulnerabilities
	CHAOS_REQUESTS=10000 go test -count=1 -run TestChaos ./backend/e2e
	@build/fuzz.sh 60s
	@build/vulnerabilities.sh

.PHONY: clean
clean: ## Remove what was built
	rm -rf bin build/bin dist frontend/node_modules backend/e2e/sdk/node_modules
	find frontend/dist -mindepth 1 ! -name .gitkeep -delete

.PHONY: help
help: ## This list
	@awk 'BEGIN {FS = ":.*## "} /^##@ / {printf "\n%s\n", substr($$0, 5)} \
		/^[a-z-]+:.*## / {printf "  make %-14s %s\n", $$1, $$2}' Makefile
	@echo

##@ Ship

.PHONY: dist
dist: setup-window ui ## All of a release that can be made on this system, into dist
	@build/dist.sh

.PHONY: changelog
changelog: ## Write CHANGELOG.md from the commits
	@build/changelog.sh >CHANGELOG.md

.PHONY: test-package test-same
test-package: setup-package ## Install, use, upgrade and remove the packages of dist in a fresh system
	@build/test-package.sh
test-same: setup-tools ## Build the headless program twice, in two places: the bytes must be the same
	@build/test-same.sh

##@ The steps of make test

.PHONY: setup-tools setup-window setup-test setup-package
setup-tools:
	@build/setup.sh tools
setup-window:
	@build/setup.sh window
setup-test: ## Install what the tests need (apt, as root or with sudo)
	@build/setup.sh test
setup-package:
	@build/setup.sh package

.PHONY: lint-go modules format golangci sumtype deadcode workflows
lint-go: modules format golangci sumtype deadcode workflows ## The Go linters
modules:
	go mod verify
	go mod tidy -diff
format:
	$(TOOL) golangci-lint fmt --diff
# Its cache lies in the tree: a shared one answers with findings, and paths, of
# other clones.
golangci:
	GOLANGCI_LINT_CACHE="$(CURDIR)/bin/cache/golangci" $(TOOL) golangci-lint run ./...
sumtype:
	GOFLAGS="$${GOFLAGS:-} -tags=$(TAGS)" $(TOOL) go-check-sumtype -default-signifies-exhaustive=false ./...
deadcode:
	@build/quiet.sh $(TOOL) deadcode -test -tags $(TAGS) ./...
workflows:
	$(TOOL) actionlint

.PHONY: lint-ui
lint-ui: $(UI_DEPS) ## The TypeScript linters
	npm --prefix frontend run lint

.PHONY: cross
cross: $(UI) ## Vet and build for Linux, Windows and macOS, as far as no C compiler is needed
	go vet -tags $(TAGS) ./...
	@# GOOS would also be the one of the tool, so it is built before. What only some systems or builds use is
	@# not unused (U1000); golangci-lint looks for that.
	staticcheck=$$($(TOOL) -n staticcheck); \
	for os in linux windows darwin; do \
		export GOOS=$$os CGO_ENABLED=0; echo "$$os: vet, staticcheck and build of all that is pure Go"; \
		pkgs=$$($(PURE)); go vet $$pkgs; $$staticcheck -checks inherit,-U1000 $$pkgs; go build $$(go list -f '{{if .GoFiles}}{{.ImportPath}}{{end}}' $$pkgs); done
	GOOS=windows CGO_ENABLED=0 go vet -tags desktop,production . ./backend/desktop/... ./backend/cmd/tray
	staticcheck=$$($(TOOL) -n staticcheck); \
	GOOS=windows CGO_ENABLED=0 $$staticcheck -checks inherit,-U1000 -tags desktop,production . ./backend/desktop/...
	GOOS=windows CGO_ENABLED=0 go build -tags desktop,production -ldflags '-H windowsgui' -o /dev/null .

.PHONY: test-go
test-go: $(UI) $(SDK_DEPS) ## The Go tests with the race detector: units, rules, other people's SDKs
	@mkdir -p $(RESULTS)
	@go -C backend/e2e/ollama mod download
	$(TOOL) gotestsum --format pkgname-and-test-fails --junitfile $(RESULTS)/go.xml -- \
		-race -shuffle=on -tags $(TAGS) $$(go list -tags $(TAGS) ./... | grep -v $(DESKTOP_TEST))

.PHONY: test-ui
test-ui: $(UI_DEPS) ## The tests of the pages' parts
	npm --prefix frontend test -- --reporter=default --reporter=junit --outputFile.junit="$$PWD/$(RESULTS)/ui.xml"

.PHONY: test-pages
test-pages: server ## Chromium walks through every page
	@mkdir -p $(RESULTS)
	browsers=$$(command -v chromium chromium-browser google-chrome google-chrome-stable || true); \
	CHROMIUM="$${CHROMIUM:-$${browsers%%$$'\n'*}}" OPENAICOMPATIBLE_BINARY="$$PWD/$(SERVER)" \
		npm --prefix frontend run e2e | tee $(RESULTS)/pages.txt

.PHONY: test-desktop
test-desktop: $(UI) ## The real window and tray under Xvfb, with a D-Bus session and a tray host
	@mkdir -p $(RESULTS)
	$(TOOL) gotestsum --format testname --junitfile $(RESULTS)/desktop.xml -- -shuffle=on -tags $(TAGS) ./$(DESKTOP_TEST)

.PHONY: test-image
test-image: $(UI) ## The container as an engine would run it: not root, read-only, no network
	@build/test-image.sh

.PHONY: check-drift
check-drift: ## Generating again changes nothing
	@build/drift.sh

$(UI_DEPS): frontend/package.json frontend/package-lock.json
	npm --prefix frontend ci --no-audit --no-fund
	@touch $@

$(SDK_DEPS): backend/e2e/sdk/package.json backend/e2e/sdk/package-lock.json
	npm --prefix backend/e2e/sdk ci --no-audit --no-fund
	@touch $@

$(UI): $(UI_DEPS) $(UI_FILES) go.mod $(wildcard build/licences/*.go)
	npm --prefix frontend run build
	go run ./build/licences frontend/dist/licences.txt.gz
	@touch $@
