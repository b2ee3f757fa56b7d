# Windows 7 and later, built with MinGW: the DLL, its import libraries and the command, side by side.
#
# `make windows` makes them on Linux; `make check-windows` runs them with wine. A machine whose Rust has the
# target needs no CARGO with build-std.

windows_target := x86_64-win7-windows-gnu
mingw := x86_64-w64-mingw32-
wine := $(BUILDDIR)/wine

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
	CC=$(mingw)gcc CXX=$(mingw)g++ DLLTOOL=$(mingw)dlltool WINDRES=$(mingw)windres

.PHONY: windows check-windows package-windows
windows: ## Build the DLL and the command for Windows, with MinGW
	$(windows_make) all

package-windows: ## Pack them into target/, as a zip
	$(windows_make) zip

check-windows: ## Test them with wine
	$(windows_make) all zip check-wine

ifneq ($(for_windows),)
DLLTOOL ?= dlltool
WINDRES ?= windres
definitions := src/capi/exports.def
# What Rust's library needs beside the C library.
private := -lbcrypt -ladvapi32 -lcrypt32 -lkernel32 -lntdll -luserenv -lws2_32 -ldbghelp
windows_flags := -shared -static-libgcc -s -Wl,--gc-sections -Wl,--no-insert-timestamp \
	-Wl,--dynamicbase -Wl,--nxcompat -Wl,--high-entropy-va

$(parts)/libverifysms.a: $(sources) include/verifysms.h
	$(call cargo,rustc,library) --lib --crate-type staticlib --features capi,reserve -- --cfg verifysms_heap
	cp $(call built,library)/libverifysms.a $@

# What the Explorer shows of a file.
$(parts)/%.res.o: src/capi/install/version.rc Cargo.toml
	@mkdir -p $(parts)
	$(WINDRES) -DVERSION='$(version)' -DNUMBERS='$(subst .,$(comma),$(version))$(comma)0' -DFILE='$*' $< $@

comma := ,
$(out)/$(soname): $(parts)/libverifysms.a $(parts)/$(soname).res.o $(definitions)
	@mkdir -p $(out)
	$(CC) $(CFLAGS) $(LDFLAGS) $(windows_flags) -o $@ $(definitions) $(parts)/$(soname).res.o \
		$(exports:%=-Wl,-u,%) $< -Wl,--out-implib,$(out)/libverifysms.dll.a $(private)

$(out)/libverifysms.dll.a: $(out)/$(soname)

# The same under the name that the compiler of Microsoft looks for.
$(out)/verifysms.lib: $(definitions)
	@mkdir -p $(out)
	$(DLLTOOL) -d $< -D $(soname) -l $@

# Where the library is built: the standard library need not be built twice.
$(out)/verifysms.exe: $(sources)
	$(call cargo,build,library) --bin verifysms --features cli
	@mkdir -p $(out)
	cp $(call built,library)/verifysms.exe $@

# A folder as people expect it: bin, include, lib, and the pages.
folder := verifysms-$(version)-windows-x64
.PHONY: zip check-wine
zip: all
	$(PYTHON) src/capi/install/windows.py '$(BUILDDIR)/$(folder).zip' '$(out)' 'version=$(version)' 'abi=$(abi)' \
		'soname=$(soname)'

host_programs := $(parts)/abi.exe $(parts)/abi-cxx.exe $(parts)/demo.exe $(parts)/queue.exe
$(parts)/abi.exe: tests/abi/abi.c tests/hosts/check.h include/verifysms.h $(out)/libverifysms.dll.a
	$(CC) -std=c89 $(warnings) -O1 -Itests/hosts -Iinclude -o $@ $< $(out)/libverifysms.dll.a

$(parts)/abi-cxx.exe: tests/abi/abi.c tests/hosts/check.h include/verifysms.h $(out)/libverifysms.dll.a
	$(CXX) -x c++ -std=c++98 $(warnings) -O1 -Itests/hosts -Iinclude -static-libstdc++ -static-libgcc -o $@ $< \
		-x none $(out)/verifysms.lib

$(parts)/demo.exe: bindings/c/demo.c include/verifysms.h $(out)/libverifysms.dll.a
	$(CC) -std=c89 $(warnings) -O1 -Iinclude -o $@ $< $(out)/libverifysms.dll.a

$(parts)/queue.exe: tests/windows/queue.c tests/hosts/check.h include/verifysms.h $(out)/libverifysms.dll.a
	$(CC) -std=c11 $(warnings) -O1 -Itests/hosts -Iinclude -o $@ $< $(out)/libverifysms.dll.a -lws2_32

# What says nothing about the system, and takes minutes without optimisation; and the steps of 250 ms, which wine makes
# longer on a busy machine.
no_wine := duplicate_answers properties fuzz::guard guard::redis
wine_test = CARGO_PROFILE_DEV_DEBUG=0 $(CARGO) test --locked --target $(TARGET) --target-dir $(parts)/tests \
	--features capi,cli,reserve
check-wine: export WINEPREFIX := $(CURDIR)/$(wine)
check-wine: zip $(host_programs)
	$(PYTHON) tests/windows/with_wine.py '$(out)' '$(parts)' '$(BUILDDIR)/$(folder).zip'
	$(wine_test) --lib --test faults --test guard --test page --test sandbox --test wire -- $(no_wine:%=--skip %)
endif
