# The C library, the command, their tests and a demonstration. `make help` lists what it can do.

CARGO ?= cargo
CC ?= cc
CXX ?= c++
LD ?= ld
AR ?= ar
OBJCOPY ?= objcopy
PYTHON ?= python3
# All tests that Python drives; it makes an environment with pytest if there is none.
pytest = $(PYTHON) tests/run.py --command $(out)/verifysms --parts $(parts) -m 'not slow'
# A target for each folder of them.
sections := $(patsubst tests/%/,test-%,$(sort $(dir $(wildcard tests/*/test_*.py))))

# Another machine or C library than this one's, by the name that Rust has for it: set CC to match.
TARGET ?=
# Where everything is built.
BUILDDIR := target
out := $(BUILDDIR)/$(TARGET:%=%/)release
parts := $(BUILDDIR)/$(TARGET:%=%/)parts
version := $(shell sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml)
# The number in the soname, the version's first: both change only with an incompatible ABI.
abi := $(firstword $(subst ., ,$(version)))
map := src/capi/exports.map
exports := $(shell sed -n 's/^ *\(verifysms_[a-z0-9_]*\);/\1/p' $(map))
sources := $(shell find src -name '*.rs' -or -name '*.lua' -or -path 'src/sandbox/*' -type f) Cargo.toml Cargo.lock

host = $(shell $(CARGO) -vV | sed -n 's/^host: //p')
triple = $(or $(TARGET),$(host))
# Cargo's own settings may name another folder or machine; these two options overrule them all, so that
# what is built is where it is looked for.
profile := release
cargo = $(flags) $(CARGO) $(1) --profile $(profile) --locked --target $(triple) --target-dir $(parts)/$(2)
built = $(parts)/$(1)/$(triple)/$(profile:dev=debug)

# Panics name the place in the source; what is built says nothing of where that was on this machine.
# In this variable of cargo's a path may have blanks in it.
flags = CARGO_ENCODED_RUSTFLAGS="$$(printf '%s\037' $${CARGO_ENCODED_RUSTFLAGS:+"$$CARGO_ENCODED_RUSTFLAGS"} \
	$$RUSTFLAGS $(bare) "--remap-path-prefix=$${CARGO_HOME:-$$HOME/.cargo}=cargo")--remap-path-prefix=$$(pwd -P)/="
# For musl Rust would put the C library itself into ours; the program brings it.
bare = $(if $(findstring musl,$(triple)),-C target-feature=-crt-static)

# CFLAGS, CXXFLAGS, CPPFLAGS and LDFLAGS are the packager's; what is needed comes after them.
warnings := -pedantic-errors -Wall -Wextra -Werror
compile = $(CC) $(CPPFLAGS) $(CFLAGS)
link = -Iinclude $(LDFLAGS) -L$(out) -Wl,-rpath,"$$(cd $(out) && pwd -P)"

# What the platforms call the shared library, what the static one needs beside the C library, and how
# an object file comes to show nothing but the C functions. Only the first, Linux, is tested.
for_windows := $(findstring windows,$(TARGET))
products = $(plain) libverifysms.a verifysms
ifneq ($(for_windows),)
soname := verifysms-$(abi).dll
file := $(soname)
plain := libverifysms.dll.a
products := $(soname) $(plain) verifysms.lib verifysms.exe
else ifeq ($(shell uname -s),Darwin)
soname := libverifysms.$(abi).dylib
file := libverifysms.$(version).dylib
plain := libverifysms.dylib
private := -framework Security -framework CoreFoundation
gather = $(LD) -r -exported_symbols_list $(parts)/exports -o $@
hide = strip -S $@
shared_flags = -dynamiclib '-Wl,-install_name,$(LIBDIR)/$(soname)' -Wl,-exported_symbols_list,$(parts)/exports \
	-compatibility_version $(abi) -current_version $(version)
else
soname := libverifysms.so.$(abi)
file := libverifysms.so.$(version)
plain := libverifysms.so
private := -lpthread -ldl
# Groups are dissolved: the linker would take ours for those of another library written in Rust.
gather = $(LD) -r --gc-sections --force-group-allocation $(exports:%=-u %) -o $@
# Rust's own library may bring bitcode; glued together it is none, and tools stumble over it.
hide = $(OBJCOPY) --strip-debug --remove-section=.llvmbc --remove-section=.llvmcmd \
	--wildcard --keep-global-symbol='verifysms_*' $@
shared_flags = -shared -static-libgcc -Wl,-soname,$(soname) -Wl,--version-script,$(map) \
	-Wl,--gc-sections -Wl,-z,defs -Wl,-z,nodelete -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack
endif

.DELETE_ON_ERROR:
.PHONY: all check completions demo header lint clean help bench docs docs-c docs-rust record-abi python python-stubs sbom
.PHONY: test test-environment test-host test-parts test-python test-site test-unit picture site $(sections)
.PHONY: check-abi check-host check-musl check-deep check-offline check-platforms slow-hosts slow-latency slow-networks wheels

all: $(products:%=$(out)/%) sbom ## Build the libraries, the header and the command

ifeq ($(for_windows),)
# The C functions with all that they need, in one object file that shows nothing but them.
$(parts)/verifysms.o: $(sources) include/verifysms.h $(parts)/exports
	$(call cargo,rustc,library) --lib --crate-type staticlib --features capi,reserve -- --cfg verifysms_heap
	$(gather) $(call built,library)/libverifysms.a
	$(hide)

# The same names as the linker of macOS wants them.
$(parts)/exports: $(map)
	@mkdir -p $(parts)
	printf '_%s\n' $(exports) > $@

$(out)/libverifysms.a: $(parts)/verifysms.o
	@mkdir -p $(out)
	rm -f $@
	$(AR) rcs $@ $<

$(out)/$(soname): $(parts)/verifysms.o $(map)
	@mkdir -p $(out)
	$(CC) $(CFLAGS) $(LDFLAGS) $(shared_flags) -o $@ $<

$(out)/$(plain): $(out)/$(soname)
	ln -sf $(notdir $<) $@

$(out)/verifysms: $(sources)
	$(call cargo,build,command) --bin verifysms --features cli
	@mkdir -p $(out)
	cp $(call built,command)/verifysms $@.new
	mv -f $@.new $@
endif

# Bills of materials: what is in the libraries and what is in the command.
bill = CARGO_TARGET_DIR=$(parts) $(PYTHON) src/capi/install/sbom.py pkg:generic/$(@F:.cdx.json=) --package verifysms --target $(triple)

sbom: $(out)/libverifysms.cdx.json $(out)/verifysms.cdx.json ## Write down what all is built from (CycloneDX)

$(out)/libverifysms.cdx.json: Cargo.lock Cargo.toml src/capi/install/sbom.py
	@mkdir -p $(out)
	$(bill) --features capi > $@

$(out)/verifysms.cdx.json: Cargo.lock Cargo.toml src/capi/install/sbom.py
	@mkdir -p $(out)
	$(bill) --features cli > $@

include src/capi/install/install.mk
include src/capi/install/windows.mk
include packaging/packages.mk

header: ## Write include/verifysms.h anew from the source
	VERIFYSMS_WRITE_HEADER=1 $(CARGO) test --quiet --features capi,cli,reserve --test header -- --ignored

completions: ## Write what the shells complete anew from the command's arguments
	VERIFYSMS_WRITE_COMPLETIONS=1 $(CARGO) test --quiet --features cli --lib cli::completions -- --ignored

demo: all $(parts)/demo ## Send a code and check it from a C program, against the sandbox
	@$(PYTHON) tests/demo.py $(out)/verifysms $(parts)/demo

$(parts)/demo: bindings/c/demo.c include/verifysms.h $(out)/libverifysms.so
	$(compile) -std=c89 $(warnings) -O2 -o $@ $< $(link) -lverifysms

# One source, two languages.
$(parts)/abi-c: tests/abi/abi.c tests/hosts/check.h include/verifysms.h $(out)/libverifysms.so
	$(compile) -std=c89 $(warnings) -g -Itests/hosts -o $@ $< $(link) -lverifysms

$(parts)/abi-cxx: tests/abi/abi.c tests/hosts/check.h include/verifysms.h $(out)/libverifysms.so
	$(CXX) $(CPPFLAGS) $(CXXFLAGS) -x c++ -std=c++98 $(warnings) -g -Itests/hosts -o $@ $< $(link) -lverifysms

# Programs that the library lives in. They are built for POSIX and its threads.
hosts := burst caller cancelled closed descriptors early forks limited lookup misuse processes queue signals \
	sigpipe stack threads waiting within
host_flags := -std=c11 -D_GNU_SOURCE $(warnings) -g -pthread -Itests/hosts
host_sources := tests/hosts/host.h tests/hosts/check.h include/verifysms.h $(out)/libverifysms.so

$(hosts:%=$(parts)/%): $(parts)/%: tests/hosts/%.c $(host_sources)
	$(compile) $(host_flags) -o $@ $< $(link) -lverifysms

# Programs of the deep checks.
deeper := faulted starved
$(deeper:%=$(parts)/%): $(parts)/%: tests/deep/%.c tests/deep/heap.h tests/deep/tracer.h $(host_sources)
	$(compile) $(host_flags) -o $@ $< $(link) -lverifysms

# What it calls is looked up at its start: a late lookup saves the processor's registers on the stack.
$(parts)/secret_leaks: tests/deep/secret_leaks.c $(host_sources)
	$(compile) $(host_flags) -Wl,-z,now -o $@ $< $(link) -lverifysms

# A peer of the bench, which takes the steps of a sign-up one by one.
$(parts)/flow: tests/bench/ours.c tests/bench/peer.c tests/bench/common.h tests/bench/peer.h $(host_sources)
	$(compile) $(host_flags) -o $@ $(filter %.c,$^) $(link) -lverifysms

# It loads the library by itself.
$(parts)/unloading: tests/hosts/unloading.c $(host_sources)
	$(compile) $(LDFLAGS) $(host_flags) -o $@ $< -Iinclude -ldl

$(parts)/getenv.so $(parts)/clock.so: $(parts)/%.so: tests/hosts/%.c
	$(compile) $(LDFLAGS) -std=c11 -D_GNU_SOURCE $(warnings) -shared -fPIC -o $@ $<

# What the tests of tests/hosts and tests/networks run.
host_parts := $(hosts:%=$(parts)/%) $(parts)/flow $(parts)/unloading $(parts)/getenv.so $(parts)/clock.so
# The C test as C++ too, where there is a compiler; the test says if there is none.
abi_parts := $(parts)/abi-c $(if $(shell command -v $(CXX)),$(parts)/abi-cxx)

# The tests that Python drives wait more than they compute.
test: test-parts test-python site ## Run all tests
	$(CARGO) test --features capi,cli,reserve
	@echo 'Two folders of tests at a time; each prints what it has found when it has ended.'
	@$(MAKE) --jobs=2 --keep-going --output-sync=target $(sections)

# A folder of tests that Python drives.
$(sections): test-%: test-environment
	$(pytest) tests/$*

$(filter-out test-browser,$(sections)): test-parts
test-browser: $(out)/verifysms
test-browser test-docs: site

# Made before two of them want it.
test-environment:
	$(PYTHON) tests/run.py --version

# Cargo's settings for the target say what runs them; UNIT is what the tests themselves are told.
test-unit: ## Run the unit tests alone, which another machine may do (TARGET=…)
	$(call cargo,test,library) --lib --features capi,cli,reserve -- $(UNIT)

# They take a minute, or need the site.
slower := test_commands.py test_openapi.py test_site.py

check: test-parts lint ## Run what belongs before a commit, in three minutes
	$(CARGO) test --features capi,cli,reserve
	$(pytest) tests/abi tests/docs tests/hosts $(slower:%=--deselect docs/%)

test-parts: all $(host_parts) $(abi_parts) ## Build what the tests that Python drives run

test-host: test-guard test-hosts test-networks ## Test what the library does to its program, and in networks

test-install: ## Install into a temporary folder and use it from there

test-languages: ## Run the bindings of other languages, those that are installed

test-browser: ## Test the sandbox's page and the site in Chromium

test-site: all site ## Run all commands of the site, follow its links, look at it in Chromium
	$(pytest) tests/docs/test_commands.py tests/docs/test_site.py 'tests/browser/test_browser.py::test_page[site.test]'

picture: $(out)/verifysms ## Take the README's picture of the sandbox's page anew
	$(PYTHON) tests/browser/chromium.py $(out)/verifysms

# What a packager runs, whose build machine has neither network nor pytest.
check-offline: all $(parts)/abi-c $(parts)/demo ## Run the tests that need neither a network nor anything of Python's
	CARGO_NET_OFFLINE=true $(CARGO) test --locked --features capi,cli,reserve
	$(PYTHON) tests/run_abi.py $(out)/verifysms $(parts)/abi-c
	$(PYTHON) tests/demo.py $(out)/verifysms $(parts)/demo

check-abi: test-abi ## Hold the ABI against the released one

record-abi: ## Record what was added to the ABI
	$(PYTHON) tests/abi/released.py

check-platforms: all ## Build for every machine and C library, run there, and write tests/platforms.md (an hour; PLATFORMS=--brief: minutes)
	$(PYTHON) tests/platforms $(out)/verifysms $(PLATFORMS)

check-musl: all ## Build for musl, and a program that needs nothing at all
	$(PYTHON) tests/platforms $(out)/verifysms --brief x86_64-unknown-linux-musl

# The one place of the reference.
docs := $(BUILDDIR)/doc
docs: docs-c docs-rust ## Make the reference: target/doc/c/html/index.html and target/doc/verifysms/index.html
	@echo 'C and C++: $(docs)/c/html/index.html'
	@echo 'Rust: $(docs)/verifysms/index.html'

docs-rust:
	RUSTDOCFLAGS='-D warnings' $(CARGO) doc --quiet --no-deps --features capi,cli --target-dir '$(BUILDDIR)'

# A missing tool is an error where all of them should be there, and named elsewhere.
ifneq ($(shell command -v doxygen),)
docs-c:
	@mkdir -p '$(docs)/c'
	VERSION=$(version) OUT='$(docs)/c' doxygen include/Doxyfile
else
docs-c:
	@echo 'skipped: the reference of the headers, no doxygen (apt-get install doxygen)'
	@test -z "$$CI"
endif

# The pages, the reference, the manuals and the tables, of which each stands in one place only.
site: docs-c docs-rust ## Make the site of all documentation: target/site/index.html
	$(PYTHON) docs/make.py '$(docs)/c/xml' '$(docs)' '$(BUILDDIR)/site'

bench: all ## Measure against a bare socket and libcurl (BENCH=--quick: in a minute)
	$(PYTHON) tests/bench/bench.py $(BENCH)
	$(PYTHON) tests/bench/round_trips.py $(BENCH)
	$(PYTHON) bindings/python/bench/compare.py $(BENCH)

# They wait for clocks more than they compute: three at a time.
check-host: all $(host_parts) test-environment ## Run the tests that take minutes
	$(MAKE) --jobs=3 --output-sync=target slow-hosts slow-latency slow-networks

slow-hosts:
	$(pytest) -m slow tests/hosts

slow-latency:
	$(pytest) -m slow tests/networks/test_latency.py

slow-networks:
	$(pytest) -m slow tests/networks --ignore tests/networks/test_latency.py

# The parts named in DEEP alone, or all; DEEP=--brief is what fits into CI.
check-deep: all $(host_parts) $(deeper:%=$(parts)/%) $(parts)/abi-c $(parts)/demo $(parts)/secret_leaks ## Fuzz, sanitize, break, mutate, audit, and print a table (DEEP=--brief: in minutes)
	$(PYTHON) tests/deep $(out)/verifysms $(parts) $(DEEP)

lint: docs-rust test-environment ## Check the form of all sources
	$(CARGO) fmt --all --check
	$(CARGO) fmt --manifest-path tests/fuzz/Cargo.toml --check
	$(CARGO) clippy --quiet --all-targets --features capi,cli,reserve -- -D warnings
	$(CARGO) clippy --quiet -- -D warnings
	$(CARGO) clippy --quiet --package verifysms-python -- -D warnings
	$(CARGO) test --quiet --features capi,cli,reserve --test header -- --ignored
	$(CARGO) test --quiet --features capi,cli,reserve --lib cli::completions -- --ignored
	$(PYTHON) tests/layers.py
	ruff format --check tests src docs packaging
	ruff check tests src docs packaging
	mypy --strict --python-executable $(BUILDDIR)/tests-environment/bin/python tests src docs packaging/pack.py bindings/python/tools/environments.py
	shellcheck .ci/run tests/windows/wine packaging/use packaging/debian/tests/use

python: ## Build the Python package, wheel and sdist, into target/wheels
	$(PYTHON) bindings/python/tools/build.py

wheels: ## Build the sdist, and the wheels for every platform, into target/pypi (WHEELS=musllinux: those alone)
	$(PYTHON) bindings/python/tools/wheels.py $(WHEELS)

python-stubs: ## Write the type stubs of the Python package anew from the source
	$(PYTHON) bindings/python/tools/build.py --stubs

test-python: $(out)/verifysms ## Test the Python package as it is installed
	$(PYTHON) bindings/python/tools/check.py --command $(out)/verifysms

clean: ## Remove all that was built
	$(CARGO) clean --target-dir $(BUILDDIR)

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { sub(/^all$$/, "", $$1); printf "make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
