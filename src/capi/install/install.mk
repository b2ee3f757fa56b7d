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
PKGCONFIGDIR ?= $(LIBDIR)/pkgconfig
CMAKEDIR ?= $(LIBDIR)/cmake/verifysms
INSTALL ?= install

here := src/capi/install
headers := verifysms.h verifysms.hpp
documents := README.md CHANGELOG.md include/ABI.md LICENSE-MIT LICENSE-APACHE \
	$(out)/libverifysms.cdx.json $(out)/verifysms.cdx.json
cmake_files := verifysms-config.cmake verifysms-config-version.cmake

installed = $(BINDIR)/verifysms \
	$(LIBDIR)/$(file) $(LIBDIR)/$(soname) $(LIBDIR)/$(plain) $(LIBDIR)/libverifysms.a \
	$(headers:%=$(INCLUDEDIR)/%) \
	$(PKGCONFIGDIR)/verifysms.pc $(cmake_files:%=$(CMAKEDIR)/%) \
	$(MANDIR)/man1/verifysms.1 $(MANDIR)/man3/verifysms.3 \
	$(addprefix $(DOCDIR)/,$(notdir $(documents)))

# A path below PREFIX from there on, any other as it is.
below = $(1:$(PREFIX)/%=%)
# The way from a folder below PREFIX up to it, or PREFIX itself.
up = $(if $(filter $(PREFIX)/%,$(1)),$(subst / ,/,$(patsubst %,../,$(subst /, ,$(call below,$(1))))),$(PREFIX))

.PHONY: install uninstall
install: all ## Install below PREFIX (/usr/local); see also DESTDIR, LIBDIR, INCLUDEDIR
	$(INSTALL) -d $(addprefix $(DESTDIR),$(sort $(dir $(installed))))
	$(INSTALL) -m 755 $(out)/verifysms $(DESTDIR)$(BINDIR)
	$(INSTALL) -m 755 $(out)/$(soname) $(DESTDIR)$(LIBDIR)/$(file)
	ln -sf $(file) $(DESTDIR)$(LIBDIR)/$(soname)
	ln -sf $(soname) $(DESTDIR)$(LIBDIR)/$(plain)
	$(INSTALL) -m 644 $(out)/libverifysms.a $(DESTDIR)$(LIBDIR)
	$(INSTALL) -m 644 $(headers:%=include/%) $(DESTDIR)$(INCLUDEDIR)
	sed -e 's|@prefix@|$(PREFIX)|' -e 's|@version@|$(version)|' -e 's|@private@|$(private)|' \
		-e 's|@libdir@|$(LIBDIR:$(PREFIX)/%=$${prefix}/%)|' \
		-e 's|@includedir@|$(INCLUDEDIR:$(PREFIX)/%=$${prefix}/%)|' \
		$(here)/verifysms.pc.in > $(DESTDIR)$(PKGCONFIGDIR)/verifysms.pc
	for name in $(cmake_files); do \
		sed -e 's|@root@|$(call up,$(CMAKEDIR))|' -e 's|@version@|$(version)|' -e 's|@abi@|$(abi)|' \
			-e 's|@libdir@|$(call below,$(LIBDIR))|' -e 's|@includedir@|$(call below,$(INCLUDEDIR))|' \
			-e 's|@file@|$(file)|' -e 's|@soname@|$(soname)|' \
			-e 's|@private@|$(subst $() $(),;,$(private))|' \
			$(here)/$$name.in > $(DESTDIR)$(CMAKEDIR)/$$name || exit; done
	chmod 644 $(addprefix $(DESTDIR),$(PKGCONFIGDIR)/verifysms.pc $(cmake_files:%=$(CMAKEDIR)/%))
	$(INSTALL) -m 644 src/cli/verifysms.1 $(DESTDIR)$(MANDIR)/man1
	$(INSTALL) -m 644 src/capi/verifysms.3 $(DESTDIR)$(MANDIR)/man3
	$(INSTALL) -m 644 $(documents) $(DESTDIR)$(DOCDIR)

uninstall: ## Remove what the same command with install put there
	rm -f $(addprefix $(DESTDIR),$(installed))
	@# These two are its own; the others may have been there before.
	rmdir $(DESTDIR)$(CMAKEDIR) $(DESTDIR)$(DOCDIR) 2>/dev/null || true

# A tarball that builds without a network: the sources as committed, and those of what they depend on.
bundle := verifysms-$(version)
.PHONY: dist check-dist
dist: ## Pack the committed sources with their dependencies into target/
	rm -rf $(parts)/$(bundle)
	@mkdir -p $(parts)/$(bundle)
	git archive HEAD | tar -x -C $(parts)/$(bundle)
	cd $(parts)/$(bundle) && $(CARGO) vendor --quiet --locked vendor > /dev/null
	@mkdir -p $(parts)/$(bundle)/.cargo
	cp $(here)/vendored.toml $(parts)/$(bundle)/.cargo/config.toml
	tar --sort=name --owner=0 --group=0 --numeric-owner --mtime=@$$(git log -1 --format=%ct) \
		-C $(parts) -c $(bundle) | gzip -9n > target/$(bundle).tar.gz
	rm -rf $(parts)/$(bundle)

check-dist: dist ## Build and install from that tarball, without a network
	$(PYTHON) tests/dist.py target/$(bundle).tar.gz
