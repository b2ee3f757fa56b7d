"""Conan's recipe of verifysms."""

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.files import get, rm, rmdir
from conan.tools.gnu import AutotoolsToolchain
from conan.tools.layout import basic_layout

required_conan_version = ">=2.0"


class Verifysms(ConanFile):
    """Cargo and Python are the machine's own: neither is in a registry of Conan's."""

    name = "verifysms"
    version = "@version@"
    description = "Prove that a person owns a phone number: send a code by SMS, check what they typed"
    homepage = "https://www.99digital.co.il/"
    license = "MIT OR Apache-2.0"
    topics = ("sms", "verification", "otp", "2fa")
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "fPIC": [True, False]}  # noqa: RUF012
    default_options = {"shared": False, "fPIC": True}  # noqa: RUF012
    implements = ["auto_shared_fpic"]  # noqa: RUF012
    languages = "C"

    def validate(self) -> None:
        """Name what it is not built for."""
        if self.settings.os not in ("Linux", "Macos"):
            raise ConanInvalidConfiguration("verifysms is built for Linux and macOS")

    def layout(self) -> None:
        """Build where the sources are."""
        basic_layout(self, src_folder="src")

    def package_id(self) -> None:
        """A release build is all that there is; which compiler links it makes no difference."""
        del self.info.settings.compiler
        del self.info.settings.build_type

    def source(self) -> None:
        """Unpack the sources, with those of all dependencies."""
        get(self, **self.conan_data["sources"][self.version], strip_root=True)

    def generate(self) -> None:
        """Hand the compiler and its flags on; nothing is downloaded."""
        toolchain = AutotoolsToolchain(self)
        environment = toolchain.environment()
        environment.define("CARGO_NET_OFFLINE", "true")
        toolchain.generate(environment)

    def build(self) -> None:
        """Build all."""
        self.run("make all", cwd=self.source_folder)

    def package(self) -> None:
        """Install, and leave what other package managers want."""
        settings = f"DESTDIR='{self.package_folder}' PREFIX=/ DOCDIR=/licenses"
        self.run(f"make install {settings}", cwd=self.source_folder)
        library = f"{self.package_folder}/lib"
        if self.options.shared:
            rm(self, "*.a", library)
        else:
            rm(self, "*.so*", library)
            rm(self, "*.dylib", library)
        rmdir(self, f"{library}/cmake")
        rmdir(self, f"{library}/pkgconfig")
        rmdir(self, f"{self.package_folder}/share")

    def package_info(self) -> None:
        """Say how to link with it."""
        self.cpp_info.libs = ["verifysms"]
        self.cpp_info.set_property("cmake_file_name", "verifysms")
        self.cpp_info.set_property("pkg_config_name", "verifysms")
        target = "verifysms::verifysms" if self.options.shared else "verifysms::static"
        self.cpp_info.set_property("cmake_target_name", target)
        if self.settings.os == "Linux":
            self.cpp_info.system_libs = ["pthread", "dl"]
        else:
            self.cpp_info.frameworks = ["Security", "CoreFoundation"]
