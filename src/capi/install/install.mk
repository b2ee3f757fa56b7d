# Putting the built library, its headers and its documentation where other programs look for them.
#
# A packager sets PREFIX and, where the distribution has its own places, LIBDIR and the like; DESTDIR
# goes before every path that is written to, and into none that is written down.

PREFIX ?= /usr/local
BINDIR ?= $(PREFIX)/bin
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR ?= $(PREFIX)/share/man
DOCDIR ?= $(PREFIX)/share/doc/verifysms
BASHCOMPDIR ?= $(PREFIX)/share/bash-completion/completions
ZSHCOMPDIR ?= $(PREFIX)/share/zsh/site-functions
FISHCOMPDIR ?= $(PREFIX)/share/fish/vendor_completions.d
PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig
CMAKEDIR ?= $(LIBDIR)/cmake/verifysms

here := src/capi/install
documents := README.md CHANGELOG.md include/ABI.md LICENSE-MIT LICENSE-APACHE \
	$(out)/libverifysms.cdx.json $(out)/verifysms.cdx.json
# Not empty when it is built for another machine: what is installed cannot run on this one.
foreign = $(filter-out $(host),$(TARGET))
settings := DESTDIR PREFIX BINDIR LIBDIR INCLUDEDIR MANDIR DOCDIR PKGCONFIGDIR CMAKEDIR \
	BASHCOMPDIR ZSHCOMPDIR FISHCOMPDIR abi documents exports file foreign out plain private shipped soname version
# Quoted, so that a path comes through as it is.
told = $(foreach name,$(settings),'$(name)=$(subst ','\'',$($(name)))')

# Without the names that only a debugger wants.
STRIP ?= strip
shipped := $(parts)/$(soname)
$(shipped): $(out)/$(soname)
	$(STRIP) $(if $(findstring Darwin,$(shell uname -s)),-x,--strip-unneeded) -o $@ $<

.PHONY: install uninstall
install: all $(shipped) ## Install below PREFIX (/usr/local); see also DESTDIR, LIBDIR, INCLUDEDIR
	@$(PYTHON) $(here)/installer.py install $(told)

uninstall: ## Remove what the same command with install put there
	@$(PYTHON) $(here)/installer.py uninstall $(told)

# The bindings of other languages, each where the language looks: BINDINGS="perl php" names them, PERLDIR and the
# like move one.
binding_settings := DESTDIR PREFIX INCLUDEDIR LIBDIR DOCDIR BINDINGS out COBOLDIR COBCOPYDIR CSHARPDIR FORTRANDIR GODIR \
	JAVADIR LUADIR NODEDIR PASCALDIR PERLDIR PHPDIR RUBYDIR
told_bindings = $(foreach name,$(binding_settings),'$(name)=$(subst ','\'',$($(name)))')

.PHONY: install-bindings uninstall-bindings
install-bindings: $(out)/$(plain) ## Install the bindings of the languages that are here (BINDINGS=...)
	@$(PYTHON) $(here)/bindings.py install $(told_bindings)

uninstall-bindings: ## Remove what the same command with install-bindings put there
	@$(PYTHON) $(here)/bindings.py uninstall $(told_bindings)

# The Python package where pip is not to be asked: PYTHONDIR is the folder that the interpreter looks in.
PYTHONDIR ?= $(shell $(PYTHON) -c 'import sysconfig; print(sysconfig.get_path("platlib"))')
python_half := $(out)/_verifysms.abi3.so
python_bill := $(out)/python/verifysms.cdx.json

$(python_half): $(sources) $(shell find bindings/python/src -name '*.rs') bindings/python/Cargo.toml
	PYO3_PYTHON=$(PYTHON) PYO3_BUILD_EXTENSION_MODULE=1 $(call cargo,build,python) --lib --package verifysms-python
	@mkdir -p $(out)
	cp $(call built,python)/lib_verifysms.so $@

$(python_bill): Cargo.lock Cargo.toml bindings/python/Cargo.toml src/capi/install/sbom.py
	@mkdir -p $(@D)
	CARGO_TARGET_DIR=$(parts) $(PYTHON) $(here)/sbom.py pkg:pypi/verifysms --package verifysms-python --target $(triple) > $@

.PHONY: python-extension install-python
python-extension: $(python_half) $(python_bill)

install-python: python-extension ## Install the Python package without pip, for distributions (PYTHONDIR)
	$(PYTHON) $(here)/python_package.py '$(DESTDIR)' '$(PYTHONDIR)' $(python_half) $(python_bill) $(version)

# A tarball that builds without a network: the sources as committed, and those of what they depend on.
# No pipes: their first program could fail unnoticed.
bundle := verifysms-$(version)
.PHONY: dist check-dist
dist: ## Pack the committed sources with their dependencies into target/
	rm -rf $(parts)/$(bundle) $(parts)/$(bundle).tar
	@mkdir -p $(parts)/$(bundle)
	git archive --output=$(parts)/$(bundle).tar HEAD
	tar -x -f $(parts)/$(bundle).tar -C $(parts)/$(bundle)
	cd $(parts)/$(bundle) && $(CARGO) vendor --quiet --locked vendor > /dev/null
	$(PYTHON) $(here)/leftovers.py $(parts)/$(bundle)/vendor
	@mkdir -p $(parts)/$(bundle)/.cargo
	cp $(here)/vendored.toml $(parts)/$(bundle)/.cargo/config.toml
	tar --sort=name --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX \
		--mtime=@$$(git log -1 --format=%ct) -C $(parts) -c -f $(parts)/$(bundle).tar $(bundle)
	gzip -9nf $(parts)/$(bundle).tar
	mv -f $(parts)/$(bundle).tar.gz $(BUILDDIR)/$(bundle).tar.gz
	rm -rf $(parts)/$(bundle)

check-dist: dist ## Build and install from that tarball, without a network
	$(pytest) -m slow tests/install/test_dist.py
