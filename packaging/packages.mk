# What is published of a release, in one folder. packaging/README.md says what is whose.

packed := $(BUILDDIR)/packages
# Who builds the packages, and where they will be found: both are in the packages and in the recipes. The defaults
# are nobody and nowhere (RFC 2606).
PACKAGER ?= The verifysms developers <nobody@verifysms.invalid>
RELEASE_URL ?= https://verifysms.invalid/$(version)
# Not empty: the tests of the tarball are not run in it once more, as check-dist has.
NOCHECK ?=
stage := $(parts)/stage
# What a package is for, in its name, and the folder of what is in it.
packed_name ?= $(triple)
packed_stage ?= $(stage)/usr/local
package_settings = version='$(version)' triple='$(packed_name)' epoch="$$(git log -1 --format=%ct)" packed='$(packed)' \
	work='$(parts)/packages' stage='$(packed_stage)' dist='$(packed)/$(bundle).tar.gz' packager='$(PACKAGER)' \
	url='$(RELEASE_URL)' nocheck='$(NOCHECK)'
pack = $(PYTHON) packaging/pack.py $@ $(package_settings)

.PHONY: packages binaries deb rpm recipes packed-dist release check-packages
packages: binaries $(if $(foreign),,deb rpm) ## Pack what is built for TARGET; for this machine .deb and .rpm, too

# A folder to unpack below any prefix.
binaries: ## Pack what is installed for TARGET as a tarball and a zip, into target/packages
	rm -rf $(stage)
	$(MAKE) install DESTDIR='$(abspath $(stage))' PREFIX=/usr/local
	$(pack)

packed-dist: dist
	@mkdir -p $(packed)
	cp $(BUILDDIR)/$(bundle).tar.gz $(packed)/

deb: packed-dist ## Build the packages of Debian
	$(pack)

rpm: packed-dist ## Build the packages of RPM
	$(pack)

recipes: packed-dist ## Fill in the recipes of other package managers
	$(pack)

# Every platform is packed by its check. Python's sdist has the name of the source tarball, so what goes to PyPI has
# a folder of its own.
release: export CI = true
release: override PLATFORMS :=
release: check-platforms deb rpm recipes ## Check every platform, and put all that is published into target/packages, with its checksums (hours)
	@mkdir -p $(packed)/pypi
	cp $(BUILDDIR)/pypi/* $(packed)/pypi/
	$(PYTHON) packaging/pack.py sums $(package_settings)

check-packages: all dist ## Build the packages, lint, install and use them (PACKAGES=debian: these alone)
	$(pytest) -m '' tests/packages $(if $(PACKAGES),-k 'test_$(PACKAGES)')
