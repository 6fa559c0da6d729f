# Lobule. `make help` lists the targets; `make demo` and `make test` need nothing but Debian and Swift.
SHELL := /bin/bash
.DEFAULT_GOAL := help

PACKAGES := pkg-config libsqlite3-dev libcurl4-openssl-dev libzstd-dev libboost-math-dev \
            ca-certificates curl faketime jq openssl python3 sqlite3
SOURCES := Package.swift Sources Client SyncServer Migrations Tests
CHECKED := --explicit-target-dependency-import-check error
# A hospital's machine has no Swift: the run-time library goes into the program.
STANDALONE := --static-swift-stdlib -Xlinker --strip-debug

.PHONY: help
help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | column -t -s '|'

.PHONY: packages
packages: ## install the Debian packages that are missing (sudo when not root)
	@.ci/packages $(PACKAGES)

.PHONY: build
build: export LOBULE_COMMIT ?= $(shell git describe --always --dirty --abbrev=12 --match='' 2>/dev/null)
build: packages ## build both programs, optimised, to .build/release
	swift build -c release $(STANDALONE) $(CHECKED) --product lobule
	swift build -c release $(STANDALONE) $(CHECKED) --product lobule-center

.PHONY: sbom
sbom: build ## what the programs are made of: a CycloneDX document in .build/sbom.cdx.json, checked by its schema
	@[ -d .build-sbom/venv ] || { .ci/packages python3-venv && python3 -m venv .build-sbom/venv; }
	.build-sbom/venv/bin/pip install --quiet --requirement .ci/sbom.requirements.txt
	.build-sbom/venv/bin/python .ci/sbom .build/release .build/sbom.cdx.json

.PHONY: demo
demo: build ## one centre and five hospitals on this machine, from import to a released model
	Tests/Demo/demo.sh .build/release .demo

.PHONY: test
test: packages ## every test, with its own servers
	swift build --build-tests $(CHECKED)
	swift test --skip-build --parallel

.PHONY: format
format: ## rewrite the sources in house style
	swift format format --in-place --parallel --recursive $(SOURCES)

.PHONY: lint
lint: ## style, exit 1 on any finding
	swift format lint --strict --parallel --recursive $(SOURCES)

.PHONY: check
check: export LOBULE_STRICT = 1
check: lint test ## lint, a build where warnings are errors, and the tests

.PHONY: ci
ci: check demo faults-short leaks-short simulate ## what the continuous integration runs

.PHONY: simulate
simulate: SEEDS ?= 1000
simulate: FIRST ?= 1
simulate: packages ## one centre and many devices in one thread, SEEDS=1000 worlds from FIRST=1 on
	swift build -c release $(STANDALONE) --product simulate
	LOBULE_SEEDS=$(SEEDS) LOBULE_FIRST_SEED=$(FIRST) .build/release/simulate

.PHONY: simulate-mutants
simulate-mutants: SEEDS ?= 300
simulate-mutants: packages ## plant one fault at a time in a copy of the tree; the simulation must see it
	@.ci/packages python3 patch
	LOBULE_SEEDS=$(SEEDS) Tests/Simulation/Mutants/run.py

.PHONY: simulate-updates
simulate-updates: REPEATS ?= 200
simulate-updates: SEED ?= 20261101
simulate-updates: packages ## the gate against simulated registries, REPEATS=200 of each truth (2000 at night)
	swift build -c release --product update-simulation
	@mkdir -p .bench
	LOBULE_COMMIT=$$(git rev-parse --short HEAD) .build/release/update-simulation $(REPEATS) $(SEED) \
	  .bench/simulate-updates.json 2

.PHONY: check-model
check-model: ## the Promela model of replication and its mutants, in every state
	@.ci/packages spin gcc
	Tests/Model/check.sh

.PHONY: faults
faults: build fault-tools ## kills, power loss, failing and full disks, bad networks (10 minutes; SEED=n repeats)
	Tests/Faults/all.py .build/release .bench/faults.json full $(SEED)

.PHONY: faults-short
# One seed, so that a change is judged by what it changed; `make faults` draws new places each time.
faults-short: SEED ?= 1
faults-short: build fault-tools ## a little of each of them (a minute and a half)
	Tests/Faults/all.py .build/release .bench/faults-short.json short $(SEED)

.PHONY: fault-tools
fault-tools:
	@.ci/packages strace gcc libc6-dev iproute2 nftables util-linux

.PHONY: test-leaks
test-leaks: build leak-tools ## canaries in every field, every command driven, all that is left or sent searched
	swift build --build-tests $(CHECKED)
	swift test --skip-build --filter '\.(TaintTests|LeakTests|ProcessPrivacyTests)/'
	@mkdir -p .build-mutants/leaks
	Tests/Leaks/mutants.py .build/release .build-mutants/leaks
	Tests/Leaks/all.py .build/release .bench/leaks.json full .build-mutants/leaks/*

.PHONY: leaks-short
leaks-short: build leak-tools ## the same without the versions that leak on purpose (a minute)
	Tests/Leaks/all.py .build/release .bench/leaks-short.json short

.PHONY: leak-tools
leak-tools:
	@.ci/packages python3 openssl libzstd1

.PHONY: test-controls
test-controls: packages ## take each control out of a copy of the tree: a named test must turn red (40 minutes)
	Tests/Controls/run.py .bench/controls.json

.PHONY: load
load: build ## 100,000 malformed requests, and 500 slow clients beside 20 hospitals
	Tests/Load/load.py .build/release .bench/load.json

.PHONY: load-slow
load-slow: build ## slowhttptest beside 20 hospitals: slow headers, bodies, reading, ranges
	@.ci/packages slowhttptest
	python3 Tests/Load/slow.py .build/release .bench/load-slow.json

.PHONY: test-proxies
test-proxies: build ## through mitmproxy and Squid, which open TLS; and through proxies that tamper
	@.ci/packages squid-openssl python3-venv openssl
	@[ -d .build-proxies/venv ] || python3 -m venv .build-proxies/venv
	.build-proxies/venv/bin/pip install --quiet --requirement Tests/Proxies/requirements.txt
	python3 Tests/Proxies/proxies.py .build/release .build-proxies/venv/bin/mitmdump .bench/proxies.json

.PHONY: test-openapi
test-openapi: EXAMPLES ?= 1500
test-openapi: build ## docs/openapi.json against the real centre over TLS, by schemathesis
	@.ci/packages python3-venv
	@[ -d .build-openapi ] || python3 -m venv .build-openapi
	.build-openapi/bin/pip install --quiet --requirement Tests/OpenAPI/requirements.txt
	.build-openapi/bin/python Tests/OpenAPI/openapi.py .build/release .build-openapi/bin/schemathesis \
	  .bench/openapi.json --examples $(EXAMPLES)

.PHONY: fuzz
fuzz: SECONDS ?= 600
fuzz: TARGETS ?=
fuzz: packages ## every parser of strangers' bytes under libFuzzer, SECONDS=600 each
	@# The compiler instruments every module; the program has a main of its own, so libFuzzer's stays out.
	swift build -c release --package-path Tests/Fuzz --scratch-path .build-fuzz \
	  -Xswiftc -Xfrontend -Xswiftc -sanitize=fuzzer -Xlinker -lstdc++ -Xlinker \
	  $$(swiftc -print-target-info | jq -r .paths.runtimeResourcePath)/clang/lib/linux/libclang_rt.fuzzer_no_main-$$(uname -m).a
	Tests/Fuzz/run.sh .build-fuzz/release/fuzz .fuzz .bench/fuzz.json $(SECONDS) $(TARGETS)

.PHONY: bench-sync
bench-sync: build sync-benchmark ## wire, CPU and memory of sync beside Loro, Yrs and plain SQLite
	.build-bench/venv/bin/python Benchmarks/Sync/run.py .build-bench/swift/release/sync-benchmark \
	  .build/release .build-bench/sync .bench/sync.json

.PHONY: bench-sync-large
bench-sync-large: CHANGES ?= 10000000
bench-sync-large: build sync-benchmark ## growth of cost with CHANGES=10000000 changes in one site (minutes)
	.build-bench/venv/bin/python Benchmarks/Sync/large.py .build-bench/swift/release/sync-benchmark \
	  .build-bench .bench/sync-large.json $(CHANGES)
	python3 Benchmarks/Programs/sync-on-top.py .build/release .build-bench .bench/sync-on-top.json \
	  $(CHANGES)

.PHONY: sync-benchmark
sync-benchmark: packages
	swift build -c release $(STANDALONE) --package-path Benchmarks --scratch-path .build-bench/swift
	@[ -d .build-bench/venv ] || { .ci/packages python3-venv && python3 -m venv .build-bench/venv; }
	.build-bench/venv/bin/pip install --quiet --requirement Benchmarks/Sync/requirements.txt

.PHONY: bench-analysis
bench-analysis: build ## the pooled analysis of 5 hospitals on one core, of 200 times 500 patients on two (minutes)
	python3 Benchmarks/Analysis/run.py .build/release .build-bench/analysis .bench/analysis.json

R_PACKAGES := r-base-core r-cran-data.table r-cran-glmnet r-cran-proc r-cran-rms r-cran-survival \
              r-cran-brglm2

.PHONY: bench-statistics
bench-statistics: packages ## times and results beside R and Python, TASKS=auc,lasso for some tasks
	@.ci/packages $(R_PACKAGES) util-linux python3-venv
	swift build -c release $(STANDALONE) --package-path Benchmarks --scratch-path .build-bench/swift \
	  --product statistics-benchmark
	@[ -d .build-bench/venv-statistics ] || python3 -m venv .build-bench/venv-statistics
	.build-bench/venv-statistics/bin/pip install --quiet \
	  --requirement Benchmarks/Statistics/requirements.txt
	.build-bench/venv-statistics/bin/python Benchmarks/Statistics/run.py \
	  .build-bench/swift/release/statistics-benchmark .build-bench/statistics .bench/statistics.json

.PHONY: bench-throughput
bench-throughput: packages ## syncs a second with everything on, beside the same service without signatures
	swift build -c release $(STANDALONE) $(CHECKED) --product throughput
	LOBULE_COMMIT=$$(git rev-parse --short HEAD) .build/release/throughput . .bench/throughput.json

.PHONY: bench-score
bench-score: build ## time of one offline score, against the time of starting the program
	Benchmarks/Programs/score.sh .build/release .bench/score.json

.PHONY: bench-idle-sync
bench-idle-sync: build ## requests and bytes of a sync with nothing to do
	Benchmarks/Programs/idle-sync.sh .build/release .bench/idle-sync.json

.PHONY: report-pictures
report-pictures: NAMES ?=
report-pictures: build ## pictures of reports, on A4 and a phone, in both languages; exit 1 on a clipped label
	@.ci/packages chromium fonts-noto-cjk poppler-utils python3-venv
	@[ -d .build-bench/venv-pictures ] || python3 -m venv .build-bench/venv-pictures
	.build-bench/venv-pictures/bin/pip install --quiet --requirement Tests/ReportPictures/requirements.txt
	.build-bench/venv-pictures/bin/python Tests/ReportPictures/pictures.py \
	  .build/release/lobule-center .report-pictures $(NAMES)

.PHONY: docs
docs: packages ## the documentation of Biostatistics as a DocC archive, in .build-docs
	swift build --target Biostatistics
	rm -rf .build-docs && mkdir -p .build-docs/symbols
	swift symbolgraph-extract -module-name Biostatistics -minimum-access-level public \
	  -target "$$(swiftc -print-target-info | jq -r .target.unversionedTriple)" -I .build/debug/Modules \
	  -Xcc -fmodule-map-file=.build/debug/CBoostMath.build/module.modulemap \
	  -skip-inherited-docs -skip-synthesized-members -output-dir .build-docs/symbols
	docc convert Sources/Biostatistics/Biostatistics.docc --warnings-as-errors \
	  --fallback-bundle-identifier org.lobule.Biostatistics \
	  --additional-symbol-graph-dir .build-docs/symbols --output-path .build-docs/Biostatistics.doccarchive

.PHONY: proto
proto: ## regenerate the protobuf code (needs protobuf-compiler)
	@.ci/packages protobuf-compiler
	swift build --product protoc-gen-swift
	protoc --plugin=.build/debug/protoc-gen-swift -I Sources/SyncProtocol/Proto \
	  --swift_opt=Visibility=Internal --swift_opt=UseAccessLevelOnImports=true \
	  --swift_opt=FileNaming=DropPath --swift_out=Sources/SyncProtocol/Proto lobule.proto
