"""What it takes to build and run the example of each language in bindings/."""

from __future__ import annotations

from typing import NamedTuple


class Tongue(NamedTuple):
    """A language; its commands are run in its folder, OUT in them is a folder for what is built."""

    name: str
    folder: str
    package: str
    """What apt-get installs."""
    version: tuple[str, ...]
    """Prints the version, and fails where the language is missing."""
    run: tuple[str, ...]
    binding: str
    """The file with the constants and the declarations."""
    constant: str
    """A pattern of a constant there: its name, with or without VERIFYSMS_, and its number."""
    spelling: tuple[tuple[str, str], ...] = ()
    """Patterns of the header's types and how its declarations write them, if not in C."""
    build: tuple[str, ...] = ()
    meanwhile: str = ""
    """A pattern of what the example prints if a slow call did not stop it."""


PHP = Tongue(
    name="PHP",
    folder="php",
    package="php-cli",
    version=("php", "-r", "echo class_exists('FFI') ? PHP_VERSION : exit(1);"),
    run=("php", "example.php"),
    binding="VerifySms.php",
    constant=r"public const ([A-Z_]+) = (\d+)",
)

TONGUES = (
    Tongue(
        name="COBOL",
        folder="cobol",
        package="gnucobol3",
        version=("cobc", "--version"),
        build=(
            *("cobc", "-x", "-Wall", "-Werror", "-fstatic-call", "-o", "OUT/cobol"),
            *("example.cob", "verifysms.cob", "-L", "LIBRARIES", "-l", "verifysms"),
        ),
        run=("OUT/cobol",),
        binding="verifysms.cpy",
        constant=r"88 +VERIFYSMS-([A-Z-]+) +VALUE (\d+)",
    ),
    Tongue(
        name="Fortran",
        folder="fortran",
        package="gfortran",
        version=("gfortran", "-dumpfullversion"),
        build=(
            *(
                "gfortran",
                "-std=f2018",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-J",
                "OUT",
                "-o",
                "OUT/fortran",
            ),
            *("verifysms.f90", "example.f90", "-LLIBRARIES", "-lverifysms"),
        ),
        run=("OUT/fortran",),
        binding="verifysms.f90",
        constant=r"parameter, public :: VERIFYSMS_(\w+) = (\d+)",
    ),
    Tongue(
        name="Perl",
        folder="perl",
        package="libffi-platypus-perl",
        version=("perl", "-MFFI::Platypus", "-e", "printf '%vd', $^V"),
        run=("perl", "-w", "example.pl"),
        binding="VerifySMS.pm",
        constant=r"VERIFYSMS_(\w+) +=> (\d+)",
    ),
    PHP,
    # As web servers have it.
    PHP._replace(
        name="PHP preload",
        run=(
            *("php", "-dopcache.enable_cli=1", "-dopcache.preload=VerifySms.php"),
            # Without it PHP refuses to preload as root.
            *("-dopcache.preload_user=root", "example.php"),
        ),
    ),
    Tongue(
        name="LuaJIT",
        folder="lua",
        package="luajit",
        version=("luajit", "-v"),
        run=("luajit", "example.lua"),
        binding="verifysms.lua",
        constant=r" {4}([A-Z_]+) = (\d+),",
    ),
    Tongue(
        name="Pascal",
        folder="pascal",
        package="fp-compiler",
        version=("fpc", "-iV"),
        build=("fpc", "-v0ewn", "-Sew", "-FEOUT", "-FlLIBRARIES", "example.pas"),
        run=("OUT/example",),
        binding="verifysms.pas",
        constant=r"^  VERIFYSMS_([A-Z_]+) = (\d+);",
    ),
    Tongue(
        name="Ruby",
        folder="ruby",
        package="ruby",
        version=("ruby", "-rfiddle", "-e", "puts RUBY_VERSION"),
        run=("ruby", "-w", "example.rb"),
        binding="verifysms.rb",
        constant=r"^  ([A-Z_]+) = (\d+)$",
    ),
    Tongue(
        name="Java",
        folder="java",
        package="default-jdk-headless libjna-java",
        version=("sh", "-c", "javac -version && java -jar /usr/share/java/jna.jar"),
        build=(
            *("javac", "--release", "8", "-Xlint:all,-options", "-Werror"),
            *("-cp", "/usr/share/java/jna.jar", "-d", "OUT", "Verifysms.java", "Verify.java"),
        ),
        run=("java", "-cp", "/usr/share/java/jna.jar:OUT", "Verify"),
        binding="Verifysms.java",
        constant=r"\b([A-Z_]+) = (\d+)[,;]",
        # JNA believes what is declared: an argument too few would not fail by itself.
        spelling=(
            (r"const char \*", "String "),
            (r"(const )?verifysms_(config|client|result) \*", "Pointer "),
            (r"\bint64_t\b", "long"),
            (r"\(void\)", "()"),
        ),
    ),
    Tongue(
        name="C89",
        folder="c89",
        package="gcc",
        version=("cc", "--version"),
        build=(
            *("cc", "-std=c89", "-D_XOPEN_SOURCE=500", "-pedantic-errors", "-Wall", "-Wextra"),
            *("-Werror", "-I../../include", "-o", "OUT/c89", "example.c", "job.c"),
            *("-LLIBRARIES", "-lverifysms"),
        ),
        run=("OUT/c89",),
        binding="job.h",
        constant="",
        meanwhile="went on [1-9]",
    ),
)
