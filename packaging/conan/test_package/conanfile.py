"""A program that is built with the package, and run."""

from conan import ConanFile
from conan.tools.build import can_run
from conan.tools.cmake import CMake, cmake_layout


class VerifysmsTest(ConanFile):
    """Build and run it."""

    settings = "os", "arch", "compiler", "build_type"
    generators = "CMakeDeps", "CMakeToolchain"

    def requirements(self) -> None:
        """Take the package that is tested."""
        self.requires(self.tested_reference_str)

    def layout(self) -> None:
        """Lie as CMake's projects do."""
        cmake_layout(self)

    def build(self) -> None:
        """Build the program."""
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def test(self) -> None:
        """Run it, if this machine can."""
        if can_run(self):
            self.run(f"{self.cpp.build.bindir}/version", env="conanrun")
