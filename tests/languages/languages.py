"""What it takes to build and run a program of each language in bindings/."""

from __future__ import annotations

from typing import NamedTuple


class Language(NamedTuple):
    """A language; its commands are run in a folder with the program alone.

    In them PROGRAM is the program, STEM its name without the extension, PREFIX where `make install
    install-bindings` has put all, SOURCES the folder of the binding, PACKAGES that of Node's packages, and
    OUT one for what is built.
    """

    name: str
    folder: str
    package: str
    """What apt-get installs."""
    version: tuple[str, ...]
    """Prints the version, and fails where the language is missing."""
    example: str
    run: tuple[str, ...]
    binding: str
    """The files with the constants and the declarations, a pattern."""
    constant: str
    """A pattern of a constant there: its name, with or without VERIFYSMS_, and its number.

    That is empty if it is the header's.
    """
    spelling: tuple[tuple[str, str], ...] = ()
    """Patterns of the header's types and how its declarations write them, if not in C."""
    build: tuple[str, ...] = ()
    connects: bool = True
    """Whether it can open a connection ahead."""
    meanwhile: str = ""
    """A pattern of what the example prints if a slow call did not stop it."""
    environment: tuple[tuple[str, str], ...] = ()
    """Where a language looks that does not look below this PREFIX by itself."""
    calls_back: bool = True
    """Whether it can take a log and an interrupt function."""
    settings: str = "settings"
    """The program that gives every setting, without its extension; none if it is written in C."""


COBOL = Language(
    name="COBOL",
    folder="cobol",
    package="gnucobol3",
    version=("cobc", "--version"),
    build=("cobc", "-x", "-Wall", "-Werror", "-o", "OUT/STEM", "PROGRAM"),
    example="example.cob",
    run=("OUT/STEM",),
    binding="verifysms.cpy",
    constant=r"88 +VERIFYSMS-([A-Z0-9-]+)\s+VALUE (\d+)",
    environment=(("COB_COPY_DIR", "PREFIX/share/gnucobol/copy"), ("COB_LIBRARY_PATH", "PREFIX/lib/gnucobol")),
    calls_back=False,
)

# Linked into the program, as where there is one file to copy to a machine.
COBOL_STATIC = COBOL._replace(
    name="COBOL static",
    build=(
        *("cobc", "-x", "-Wall", "-Werror", "-fstatic-call", "-o", "OUT/STEM", "PROGRAM"),
        *("SOURCES/verifysms.cob", "-I", "SOURCES", "-L", "PREFIX/lib", "-l", "verifysms"),
    ),
    environment=(),
)

PHP = Language(
    name="PHP",
    folder="php",
    package="php-cli",
    version=("php", "-r", "echo class_exists('FFI') ? PHP_VERSION : exit(1);"),
    example="example.php",
    # A stack trace shows arguments, as where programs are developed.
    run=("php", "-dinclude_path=PREFIX/share/php", "-dzend.exception_ignore_args=0", "PROGRAM"),
    binding="VerifySms.php",
    constant=r"(?:public|private) const ([A-Z0-9_]+) = (\d+)",
)

LANGUAGES = (
    COBOL,
    COBOL_STATIC,
    # Functions are looked up at run time.
    COBOL_STATIC._replace(
        name="COBOL late",
        build=tuple(word for word in COBOL_STATIC.build if word != "-fstatic-call"),
        run=("env", "COB_PRE_LOAD=libverifysms", *COBOL_STATIC.run),
        environment=(("COB_LIBRARY_PATH", "PREFIX/lib"),),
    ),
    Language(
        name="Go",
        folder="go",
        package="golang-go pkg-config",
        version=("go", "version"),
        build=(
            *("sh", "-ec"),
            # As the page says; then with what this compiler and its linter warn of.
            "test -f go.mod || { go mod init program && "
            "go mod edit -require=verifysms@v1.0.0 -replace=verifysms=PREFIX/share/gocode/src/verifysms; }; "
            "test -z $(gofmt -l PROGRAM) && go vet PROGRAM && go build -o OUT/STEM PROGRAM",
        ),
        example="example.go",
        run=("OUT/STEM",),
        binding="verifysms.go",
        constant=r"^\t\w+ +\w+ += C\.VERIFYSMS_(\w+)()$",
        environment=(("PKG_CONFIG_PATH", "PREFIX/lib/pkgconfig"), ("CGO_CFLAGS", "-Wall -Werror")),
    ),
    Language(
        name="Fortran",
        folder="fortran",
        package="gfortran",
        version=("gfortran", "-dumpfullversion"),
        build=(
            *("gfortran", "-std=f2018", "-Wall", "-Wextra", "-Werror", "-J", "OUT", "-o", "OUT/STEM"),
            *("PREFIX/include/verifysms.f90", "PROGRAM", "-LPREFIX/lib", "-lverifysms"),
        ),
        example="example.f90",
        run=("OUT/STEM",),
        binding="verifysms.f90",
        constant=r"parameter, public :: VERIFYSMS_(\w+) = (\d+)",
    ),
    Language(
        name="Perl",
        folder="perl",
        package="libffi-platypus-perl",
        version=("perl", "-MFFI::Platypus", "-e", "printf '%vd', $^V"),
        example="example.pl",
        run=("perl", "-w", "PROGRAM"),
        binding="VerifySMS.pm",
        constant=r"VERIFYSMS_(\w+) +=> (\d+)",
        environment=(("PERL5LIB", "PREFIX/share/perl5"),),
    ),
    PHP,
    # As web servers have it.
    PHP._replace(
        name="PHP preload",
        run=(
            *("php", "-dopcache.enable_cli=1", "-dopcache.preload=PREFIX/share/php/VerifySms.php"),
            # Without it PHP refuses to preload as root.
            *("-dopcache.preload_user=root", "-dzend.exception_ignore_args=0", "PROGRAM"),
        ),
    ),
    Language(
        name="LuaJIT",
        folder="lua",
        package="luajit",
        version=("luajit", "-v"),
        example="example.lua",
        run=("luajit", "PROGRAM"),
        binding="verifysms.lua",
        constant=r" {4}([A-Z0-9_]+) = (\d+),",
        environment=(("LUA_PATH", "PREFIX/share/lua/5.1/?.lua;;"),),
    ),
    Language(
        name="Node",
        folder="node",
        package="nodejs",
        version=("node", "--version"),
        example="example.js",
        run=("node", "PROGRAM"),
        binding="index.js",
        constant=r"^exports\.([A-Z0-9_]+) = (\d+);",
        environment=(("NODE_PATH", "PREFIX/lib/node_modules:PACKAGES"),),
    ),
    Language(
        name="Pascal",
        folder="pascal",
        package="fp-compiler",
        version=("fpc", "-iV"),
        build=("fpc", "-v0ewn", "-Sew", "-FuPREFIX/lib/fpc/units/*", "-FEOUT", "-FlPREFIX/lib", "PROGRAM"),
        example="example.pas",
        run=("OUT/STEM",),
        binding="verifysms.pas",
        constant=r"^  VERIFYSMS_([A-Z0-9_]+) = (\d+);",
    ),
    Language(
        name="Ruby",
        folder="ruby",
        package="ruby",
        version=("ruby", "-rfiddle", "-e", "puts RUBY_VERSION"),
        example="example.rb",
        run=("ruby", "-w", "PROGRAM"),
        binding="verifysms.rb",
        constant=r"^  ([A-Z0-9_]+) = (\d+)$",
        environment=(("RUBYLIB", "PREFIX/lib/site_ruby"),),
    ),
    Language(
        name="Java",
        folder="java",
        package="default-jdk-headless libjna-java",
        version=("sh", "-c", "javac -version && java -jar /usr/share/java/jna.jar"),
        build=(
            *("javac", "--release", "8", "-Xlint:all,-options", "-Werror"),
            *("-cp", "/usr/share/java/jna.jar:PREFIX/share/java/verifysms.jar", "-d", "OUT", "PROGRAM"),
        ),
        example="Verify.java",
        run=("java", "-cp", "/usr/share/java/jna.jar:PREFIX/share/java/verifysms.jar:OUT", "STEM"),
        binding="src/main/java/verifysms/Verifysms.java",
        settings="Settings",
        constant=r"\b([A-Z0-9_]+) = (\d+)[,;]",
        # JNA believes what is declared: an argument too few would not fail by itself.
        spelling=(
            (r"const char \*", "String "),
            (r"\bchar \*", "byte[] "),
            (r"(const )?verifysms_(config|client|request|result|message) \*", "Pointer "),
            (r"\bint64_t\b", "long"),
            (r"\(void\)", "()"),
            (r"\bvoid \*", "Pointer "),
            (r"verifysms_log_fn", "LogFunction"),
            (r"verifysms_event_fn", "EventFunction"),
            (r"verifysms_interrupt_fn", "InterruptFunction"),
        ),
    ),
    Language(
        name="C#",
        folder="csharp",
        package="mono-mcs libmono-cil-dev",
        version=("sh", "-c", "mcs --version && mono --version"),
        build=(
            *("mcs", "-nologo", "-warnaserror", "-warn:4", "-out:OUT/STEM.exe"),
            *("-r:PREFIX/lib/mono/verifysms/VerifySms.dll", "PROGRAM"),
        ),
        example="Example.cs",
        run=("mono", "OUT/STEM.exe"),
        binding="src/*.cs",
        settings="Settings",
        constant=r"^ +\w+ (?=.*// (\w+)$)= (\d+),",
        environment=(("MONO_PATH", "PREFIX/lib/mono/verifysms"),),
        # It believes what is declared, as JNA does.
        spelling=(
            (r"(_free)\(verifysms_\w+ \*", r"\1(IntPtr "),
            (r"const char \*(?=verifysms_)", "IntPtr "),
            (r"(const )?char \*", "byte[] "),
            (r"(const )?verifysms_config \*", "Config "),
            (r"(const )?verifysms_client \*", "Client "),
            (r"(const )?verifysms_request \*", "Request "),
            (r"(const )?verifysms_result \*", "Result "),
            (r"(const )?verifysms_message \*", "Message "),
            (r"\bint64_t\b", "long"),
            (r"\(void\)", "()"),
            (r"\bvoid \*", "IntPtr "),
            (r"verifysms_log_fn", "LogFunction"),
            (r"verifysms_event_fn", "EventFunction"),
            (r"\bevent\b", "@event"),
            (r"verifysms_interrupt_fn", "InterruptFunction"),
        ),
    ),
    Language(
        name="C89",
        folder="c89",
        package="gcc",
        version=("cc", "--version"),
        build=(
            *("cc", "-std=c89", "-D_XOPEN_SOURCE=500", "-pedantic-errors", "-Wall", "-Wextra"),
            *("-Werror", "-IPREFIX/include", "-o", "OUT/STEM", "PROGRAM"),
            *("-LPREFIX/lib", "-lverifysms"),
        ),
        example="example.c",
        run=("OUT/STEM",),
        binding="example.c",
        constant="",
        connects=False,
        meanwhile="went on [1-9]",
        settings="",
    ),
)
