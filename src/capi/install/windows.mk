# Windows 7 and later, built with MinGW: the DLL, its import libraries and the command, side by side.
#
# `make windows` makes them on Linux; `make check-windows` runs them with wine. A machine whose Rust has the
# target needs no CARGO with build-std.

# x86: for 32 bits, where there is the DLL with stdcall, too. --brief: nothing is optimized, and one set of
# dependencies serves the library, the command and the tests.
WINDOWS ?=
is_brief := $(filter --brief,$(WINDOWS))
ifneq ($(filter x86,$(WINDOWS)),)
windows_machine := x86
windows_target := i686-win7-windows-gnu
mingw := i686-w64-mingw32-
else
windows_machine := x64
windows_target := x86_64-win7-windows-gnu
mingw := x86_64-w64-mingw32-
endif
wine := $(BUILDDIR)/wine-$(windows_machine)

# The crate cc does not know the name of this target.
underscored := $(subst -,_,$(windows_target))
shouted := $(shell printf %s '$(underscored)' | tr a-z A-Z)
export CC_$(underscored) := $(mingw)gcc
export AR_$(underscored) := $(mingw)ar
export CARGO_TARGET_$(shouted)_LINKER := $(mingw)gcc
export CARGO_TARGET_$(shouted)_RUNNER := $(CURDIR)/tests/windows/wine

# Debian's Rust has the sources of the standard library, which it builds for the target.
debian := RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
windows_make = $(debian) $(MAKE) TARGET=$(windows_target) CARGO='/usr/bin/cargo -Zbuild-std' \
	CC=$(mingw)gcc CXX=$(mingw)g++ NM=$(mingw)nm DLLTOOL=$(mingw)dlltool WINDRES=$(mingw)windres \
	$(if $(is_brief),BUILDDIR=$(BUILDDIR)/brief profile=dev)

.PHONY: windows check-windows package-windows
windows: ## Build the DLL and the command for Windows, with MinGW (WINDOWS=x86: for 32 bits)
	$(windows_make) all

package-windows: ## Pack them into target/packages, as a zip
	$(windows_make) zip

check-windows: ## Test them with wine (WINDOWS=--brief: in minutes)
	$(windows_make) packed='$(BUILDDIR)/unchecked' all zip check-wine

ifneq ($(for_windows),)
NM ?= nm
DLLTOOL ?= dlltool
WINDRES ?= windres
comma := ,
every_feature := capi,cli,reserve
features = $(if $(is_brief),$(every_feature),$(1))
# What nobody debugs or builds a second time is built sooner.
export CARGO_PROFILE_DEV_DEBUG := 0
export CARGO_INCREMENTAL := 0
definitions := $(out)/verifysms.def
# What Rust's library needs beside the C library.
private := -lbcrypt -ladvapi32 -lcrypt32 -lkernel32 -lntdll -luserenv -lws2_32 -ldbghelp
windows_flags := -shared -static-libgcc -s -Wl,--gc-sections -Wl,--no-insert-timestamp \
	-Wl,--dynamicbase -Wl,--nxcompat $(if $(filter x64,$(windows_machine)),-Wl$(comma)--high-entropy-va)
rust_library = $(call cargo,rustc,library) --lib --crate-type staticlib --features $(call features,capi$(comma)reserve)
# The functions of a static library by the linker's names, which on 32 bits say more than ours.
symbols = $(NM) $< 2>&- | sed -n 's/.* T \(_\{0,1\}verifysms_[a-z0-9_@]*\)$$/$(1)/p' | sort -u
link_dll = $(CC) $(CFLAGS) $(LDFLAGS) $(windows_flags) -o $@ $(definitions) $(parts)/$(@F).res.o \
	$$($(call symbols,-Wl$(comma)-u$(comma)\1)) $<

$(definitions): $(map)
	@mkdir -p $(out)
	printf '%s\n' 'LIBRARY $(soname)' EXPORTS $(exports:%='    %') > $@

$(parts)/libverifysms.a: $(sources) include/verifysms.h
	$(rust_library) -- --cfg verifysms_heap
	cp $(call built,library)/libverifysms.a $@

# What the Explorer shows of a file.
$(parts)/%.res.o: src/capi/install/version.rc Cargo.toml
	@mkdir -p $(parts)
	$(WINDRES) -DVERSION='$(version)' -DNUMBERS='$(subst .,$(comma),$(version))$(comma)0' -DFILE='$*' $< $@

$(out)/$(soname): $(parts)/libverifysms.a $(parts)/$(soname).res.o $(definitions)
	@mkdir -p $(out)
	$(link_dll) -Wl,--out-implib,$(out)/libverifysms.dll.a $(private)

$(out)/libverifysms.dll.a: $(out)/$(soname)

# The same under the name that the compiler of Microsoft looks for.
$(out)/verifysms.lib: $(definitions)
	@mkdir -p $(out)
	$(DLLTOOL) -d $< -D $(soname) -l $@

# Where the library is built: the standard library need not be built twice.
$(out)/verifysms.exe: $(sources)
	$(call cargo,build,library) --bin verifysms --features $(call features,cli)
	@mkdir -p $(out)
	cp $(call built,library)/verifysms.exe $@

ifeq ($(windows_machine),x86)
# The DLL that is called as Windows itself is: a copy of the source says "system" where ours says "C", which Rust takes
# from no macro. The names of its functions are as plain; the linker's tell the size of the arguments: verifysms_send@8.
stdcall := verifysms-$(abi)-stdcall
all: $(out)/$(stdcall).dll $(out)/libverifysms-stdcall.dll.a $(out)/verifysms-stdcall.lib

$(parts)/stdcall/Cargo.toml: $(sources) include/verifysms.h
	rm -rf $(@D)
	mkdir -p $(@D)
	ln -s $(addprefix "$(CURDIR)"/,bindings include tests) $(@D)
	cp -r Cargo.toml Cargo.lock src $(@D)
	sed -i 's/extern "C\(-unwind\)\{0,1\}" fn/extern "system\1" fn/' $(@D)/src/capi/*.rs

# It is built where the other one is, and after it: both have one name there.
$(parts)/libverifysms-stdcall.a: $(parts)/stdcall/Cargo.toml | $(parts)/libverifysms.a
	$(rust_library) --manifest-path $< -- --cfg verifysms_heap
	cp $(call built,library)/libverifysms.a $@

$(out)/$(stdcall).dll: $(parts)/libverifysms-stdcall.a $(parts)/$(stdcall).dll.res.o $(definitions)
	@mkdir -p $(out)
	$(link_dll) -Wl,--enable-stdcall-fixup,--kill-at $(private)

$(parts)/stdcall.def: $(parts)/libverifysms-stdcall.a
	{ echo 'LIBRARY $(stdcall).dll'; echo EXPORTS; $(call symbols,\1) | sed 's/^_/    /'; } > $@

$(out)/libverifysms-stdcall.dll.a $(out)/verifysms-stdcall.lib: $(parts)/stdcall.def
	@mkdir -p $(out)
	$(DLLTOOL) --kill-at -d $< -l $@
endif

# A folder as people expect it: bin, include, lib, and the pages.
packed_name := windows-$(windows_machine)
packed_stage = $(stage)
zipped = $(packed)/verifysms-$(version)-$(packed_name).zip
.PHONY: zip check-wine
zip: all
	rm -rf $(stage)
	$(PYTHON) src/capi/install/windows.py '$(stage)' '$(out)' 'version=$(version)' 'abi=$(abi)' 'soname=$(soname)' \
		'stdcall=$(stdcall)'
	$(PYTHON) packaging/pack.py zip $(package_settings)

c_program = $(CC) -std=c89 $(warnings) -O1 -Itests/hosts -Iinclude -o $@ $<
cxx_program = $(CXX) -x c++ -std=c++98 $(warnings) -O1 -Itests/hosts -Iinclude -static-libstdc++ -static-libgcc -o $@ $< -x none
abi_test := tests/abi/abi.c tests/hosts/check.h include/verifysms.h
host_programs := $(parts)/abi.exe $(parts)/abi-cxx.exe $(parts)/demo.exe $(parts)/queue.exe
ifneq ($(stdcall),)
host_programs += $(parts)/abi-stdcall.exe $(parts)/abi-cxx-stdcall.exe
endif
$(parts)/abi.exe: $(abi_test) $(out)/libverifysms.dll.a
	$(c_program) $(out)/libverifysms.dll.a

$(parts)/abi-cxx.exe: $(abi_test) $(out)/verifysms.lib
	$(cxx_program) $(out)/verifysms.lib

$(parts)/abi-stdcall.exe: $(abi_test) $(out)/libverifysms-stdcall.dll.a
	$(c_program) -DVERIFYSMS_STDCALL $(out)/libverifysms-stdcall.dll.a

$(parts)/abi-cxx-stdcall.exe: $(abi_test) $(out)/verifysms-stdcall.lib
	$(cxx_program) -DVERIFYSMS_STDCALL $(out)/verifysms-stdcall.lib

$(parts)/demo.exe: bindings/c/demo.c include/verifysms.h $(out)/libverifysms.dll.a
	$(c_program) $(out)/libverifysms.dll.a

$(parts)/queue.exe: tests/windows/queue.c tests/hosts/check.h include/verifysms.h $(out)/libverifysms.dll.a
	$(CC) -std=c11 $(warnings) -O1 -Itests/hosts -Iinclude -o $@ $< $(out)/libverifysms.dll.a -lws2_32

# What says nothing about the system, and takes minutes without optimisation; and the steps of 250 ms, which wine makes
# longer on a busy machine.
no_wine := duplicate_answers properties fuzz::guard guard::redis
check-wine: private profile := dev
check-wine: export WINEPREFIX := $(CURDIR)/$(wine)
ifeq ($(windows_machine),x86)
check-wine: export WINE32 = $(or $(shell $(PYTHON) tests/platforms/wine32.py),$(error there is no wine of 32 bits))
endif
check-wine: zip $(host_programs)
	$(PYTHON) tests/windows/with_wine.py $(windows_machine) '$(out)' '$(parts)' '$(zipped)'
	$(call cargo,test,library) --features $(every_feature) \
		--lib --test faults --test guard --test page --test sandbox --test wire -- $(no_wine:%=--skip %)
endif
