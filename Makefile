# What developers and CI run. Each target is a thin name for a command that can be run by itself.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help build test check bench cluster e2e audit soak man book kubectl clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

build: ## build the release binary, target/release/gen
	cargo build --release --locked

test: ## run every test; needs python3 with venv, Go and kubectl besides Rust
	tests/tools/run-tests

check: ## check formatting and lints
	cargo fmt --check
	# cargo fmt does not see the modules that the table of commands declares.
	rustfmt --edition 2024 --check src/commands/*.rs
	cargo clippy --locked --all-targets -- -D warnings

bench: build ## measure speed and memory: render, commit, check, diff on a cluster (half an hour)
	tests/bench/run
	tests/bench/commit
	tests/bench/diff
	tests/bench/check

cluster: ## run a Kubernetes with Flux to play with; CLUSTER=prod follows clusters/prod
	@tests/tools/cluster $(CLUSTER)

e2e: ## deliver the demo application on a real node: containers, registry, git server (Linux, root)
	@tests/tools/e2e

audit: ## check the crates' licences, sources and bans with cargo-deny
	tests/tools/audit

soak: ## run every test with far more random input
	GEN_SOAK=1 tests/tools/run-tests

man: ## write the manual pages to target/man
	cargo run --locked --quiet --example man -- target/man

book: ## make a book of docs/, target/book/index.html, with mdBook
	"$$(tests/tools/setup mdbook)" build

kubectl: ## build a kubectl for the tests, where there is no package to install
	@tests/tools/setup kubectl-build

clean: ## remove what was built here
	cargo clean
