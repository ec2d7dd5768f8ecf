# The one door: `make` alone says what there is. Every target brings what it needs (a new enough Node, the npm packages).
# Written for GNU make 3.81 and later, and for paths with spaces.

WITH_NODE := sh infra/node.sh
ARGS ?=

.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo start build test check bench faults clean

help:
	@echo 'signalfold folds what happens around a client into one engagement view, and serves it.'
	@echo
	@echo '  make demo     a made-up history of 3 firms and 5,000 clients, folded and served on http://127.0.0.1:4400'
	@echo '  make start    the services in one process, with your own data (none at first), on the same address'
	@echo
	@echo '  make check    types, lint, format, import rule, unused code, generated files: before every commit'
	@echo '  make test     make check, then all tests; real servers are used where they are found'
	@echo '  make bench    measures us beside Kafka Streams and others: 12 minutes, or ARGS=--short, or ARGS=--full'
	@echo '  make build    installs everything, compiles services/ to dist/, builds the pages'
	@echo '  make faults   simulates projectors among faults and takes each safeguard away; ARGS=--all tries real servers too'
	@echo '  make clean    removes what build and tests made; keeps node_modules/, .toolchain/ and data/'
	@echo
	@echo 'Needs npm and any Node; one that is new enough is fetched into .toolchain/ where the machine has an older one.'
	@echo "Options of a command go into ARGS: make demo ARGS='--help'. What else it can do: make start ARGS='--help'."

demo:
	@$(WITH_NODE) node infra/install.ts production
	@$(WITH_NODE) node infra/dashboard.ts
	@$(WITH_NODE) node services/cli.ts demo $(ARGS)

start:
	@$(WITH_NODE) node infra/install.ts production
	@$(WITH_NODE) node infra/dashboard.ts
	@$(WITH_NODE) node services/cli.ts dev $(ARGS)

build:
	@$(WITH_NODE) node infra/install.ts all
	@rm -rf dist
	@$(WITH_NODE) node node_modules/typescript/bin/tsc -p tsconfig.build.json
	@$(WITH_NODE) node infra/dashboard.ts

check:
	@$(WITH_NODE) node infra/install.ts all
	@$(WITH_NODE) node infra/checks/main.ts

test:
	@$(WITH_NODE) node infra/install.ts all
	@$(WITH_NODE) node infra/dashboard.ts
	@$(WITH_NODE) node infra/test.ts $(ARGS)

bench:
	@$(WITH_NODE) node infra/install.ts all
	@$(WITH_NODE) node test/bench/main.ts $(ARGS)

faults:
	@$(WITH_NODE) node infra/install.ts all
	@$(WITH_NODE) node test/faults/main.ts $(ARGS)

clean:
	@rm -rf dist coverage artifacts .cache
