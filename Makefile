# Otklik. `make help` lists the targets.
SHELL := /bin/bash
GO    ?= go
BIN   := .bin
LINT_VERSION := v2.15.0
SQLC_VERSION := v1.31.1

# What runs in the foreground ends with make, however make ends.
TIED := $(if $(shell command -v setpriv),setpriv --pdeathsig TERM)

.DEFAULT_GOAL := help
.PHONY: help build demo test lint sqlc-check sqlc eval ledger bench bench-classify bench-desk screens fmt clean setup setup-test cover

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## install what the demo needs (PostgreSQL), saying so
	@scripts/setup postgresql

setup-test: ## install what the tests need (gcc, PostgreSQL, redis-server, Chromium), saying so
	@scripts/setup gcc postgresql redis-server chromium

build: ## build the binary ./otklik
	$(GO) build -trimpath -o otklik ./cmd/otklik

demo: setup build ## run the whole system on this machine against fake platforms
	$(TIED) ./otklik demo

test: setup-test ## everything: vet, lint, import law, unit and integration tests under the race detector
	@scripts/test

lint: $(BIN)/golangci-lint ## golangci-lint with the project's rules
	$(BIN)/golangci-lint run ./...

sqlc-check: $(BIN)/sqlc ## the generated queries match the SQL files
	$(BIN)/sqlc diff

sqlc: $(BIN)/sqlc ## generate storage/db from storage/queries
	$(BIN)/sqlc generate

eval: ## accuracy of the phrases against their targets: blind sentences, urgency, and the labelled data where it is present
	$(GO) run ./cmd/eval all

ledger: setup ## 2,000 approved answers through platforms that fail, with 20 kill -9s of the sender (at most 8 minutes)
	OTKLIK_LEDGER=full $(GO) test ./proof -count=1 -run TestLedgerOfAnswers -v -timeout 8m

bench: setup ## speed: the whole path against COPY, texts a second, memory (at most 5 minutes)
	$(GO) run ./cmd/bench

bench-classify: ## the verdict beside scikit-learn and fastText from the distribution, one core each (at most 8 minutes, installing included)
	@scripts/setup fasttext python3-sklearn
	$(GO) run ./cmd/bench against

bench-desk: setup ## the desk with 1,000,000 cases against 10,000: queue, card, deadlines, search, filling included (at most 8 minutes on a quiet machine)
	$(GO) run ./cmd/bench desk

SCREENS ?= screens
screens: build ## a picture of every page: light, dark, phone, into ./screens or SCREENS=folder (at most 8 minutes)
	@scripts/setup postgresql chromium
	$(GO) run ./cmd/screens -out $(SCREENS)

cover: setup-test ## test coverage by package
	$(GO) test -cover ./...

fmt: ## gofmt
	gofmt -w $$(git ls-files '*.go')

clean: ## remove what was built
	rm -rf $(BIN) otklik

$(BIN)/golangci-lint:
	GOBIN=$(CURDIR)/$(BIN) $(GO) install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(LINT_VERSION)

$(BIN)/sqlc:
	GOBIN=$(CURDIR)/$(BIN) $(GO) install github.com/sqlc-dev/sqlc/cmd/sqlc@$(SQLC_VERSION)
