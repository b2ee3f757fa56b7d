"""Make packages of a source tarball or of an installed folder, and fill the recipes in.

    python3 packaging/pack.py binaries|deb|rpm|recipes|sums|zip NAME=VALUE ...

packages.mk gives the values. A file of this folder says with @name@ what is filled in. What is built here is
the same wherever and whenever it is built: its times are that of the commit, and nothing is downloaded.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import shutil
import stat
import subprocess
import sys
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator
from email.utils import formatdate
from functools import partial
from pathlib import Path

from debian_copyright import vendored

HERE = Path(__file__).resolve().parent
DISTRIBUTION = "/usr/sbin:/usr/bin:/sbin:/bin"
"""Where the distribution's tools are: its packages are built by its own compiler."""
RECIPES = ("aur", "conan", "docker", "homebrew", "rpm", "vcpkg")
"""The folders of what other package managers build from."""


class Packages:
    """One release, and what is made of it."""

    def __init__(self, settings: dict[str, str]) -> None:
        """Read the settings."""
        self.version = settings["version"]
        self.name = f"verifysms-{self.version}"
        self.triple = settings["triple"]
        self.epoch = int(settings["epoch"])
        self.packed = Path(settings["packed"]).absolute()
        self.work = Path(settings["work"]).absolute()
        self.stage = Path(settings["stage"])
        self.dist = Path(settings["dist"]).absolute()
        self.checks = not settings["nocheck"]
        self.values = {name: settings[name] for name in ("version", "packager", "url")}
        self.values["date"] = formatdate(self.epoch)
        self.values["day"] = time.strftime("%a %b %d %Y", time.gmtime(self.epoch))

    def environment(self, **more: str) -> dict[str, str]:
        """That of a build: nothing of the make that asked for it, no network, and the commit's time."""
        spoiling = ("MAKE", "MFLAGS", "CARGO_", "RUST", "PREFIX", "DESTDIR")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(spoiling)}
        kept |= {name: value for name, value in os.environ.items() if name.startswith("CARGO_PROFILE_")}
        own = {"PATH": DISTRIBUTION, "SOURCE_DATE_EPOCH": str(self.epoch), "CARGO_NET_OFFLINE": "true"}
        return kept | own | more

    def fill_all(self, recipes: Path, place: Path) -> None:
        """Copy a folder with its values in it."""
        for recipe in (path for path in recipes.rglob("*") if path.is_file()):
            self.fill(recipe, place / recipe.relative_to(recipes))

    def fill(self, recipe: Path, place: Path) -> None:
        """Copy a file with its values in it."""
        place.parent.mkdir(parents=True, exist_ok=True)
        text = recipe.read_text(encoding="utf-8")
        for name, value in self.values.items():
            text = text.replace(f"@{name}@", value)
        place.write_text(text, encoding="utf-8")
        shutil.copymode(recipe, place)

    def fresh(self, name: str) -> Path:
        """An empty folder to work in."""
        folder = self.work / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def take(self, built: Iterator[Path]) -> None:
        """Put what was built to the other packages."""
        self.packed.mkdir(parents=True, exist_ok=True)
        for path in sorted(built):
            shutil.copyfile(path, self.packed / path.name)
            print(f"{self.packed / path.name}: {path.stat().st_size:,} bytes")

    def binaries(self, *kinds: str) -> None:
        """Pack the installed folder, as a tarball and a zip or one of them."""
        self.packed.mkdir(parents=True, exist_ok=True)
        name = f"{self.name}-{self.triple}"
        paths = sorted(self.stage.rglob("*"))
        files = [path for path in paths if path.is_symlink() or path.is_file()]
        for kind, pack in (("tar.gz", self.tarball), ("zip", self.zip)):
            if not kinds or kind in kinds:
                place = self.packed / f"{name}.{kind}"
                pack(place, {f"{name}/{path.relative_to(self.stage).as_posix()}": path for path in files})
                print(f"{place}: {place.stat().st_size:,} bytes")
        for bill in self.stage.rglob("*.cdx.json"):
            what = bill.name.partition(".")[0]
            shutil.copyfile(bill, self.packed / f"{what}-{self.version}-{self.triple}.cdx.json")

    def tarball(self, place: Path, files: dict[str, Path]) -> None:
        """Pack files as root's, with the commit's time."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for name, path in files.items():
                entry = tar.gettarinfo(path, name)
                entry.uid = entry.gid = 0
                entry.uname = entry.gname = "root"
                entry.mtime = self.epoch
                if entry.isreg():
                    with path.open("rb") as content:
                        tar.addfile(entry, content)
                else:
                    tar.addfile(entry)
        place.write_bytes(gzip.compress(packed.getvalue(), mtime=0))

    def zip(self, place: Path, files: dict[str, Path]) -> None:
        """Pack files, links as links."""
        moment = time.gmtime(self.epoch)[:6]
        with zipfile.ZipFile(place, "w", zipfile.ZIP_DEFLATED) as packed:
            for name, path in files.items():
                entry = zipfile.ZipInfo(name, moment)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system = 3
                entry.external_attr = path.lstat().st_mode << 16
                linked = stat.S_ISLNK(path.lstat().st_mode)
                packed.writestr(entry, str(path.readlink()).encode() if linked else path.read_bytes())

    def deb(self) -> None:
        """Build the packages of Debian from the source tarball."""
        folder = self.fresh("deb")
        shutil.copyfile(self.dist, folder / f"verifysms_{self.version}.orig.tar.gz")
        with tarfile.open(self.dist) as packed:
            packed.extractall(folder, filter="tar")
        source = folder / self.name
        self.values["vendored"] = vendored(source / "vendor")
        self.fill_all(source / "packaging" / "debian", source / "debian")
        command = ["dpkg-buildpackage", "--no-sign", "--build=full"]
        environment = self.environment(DEB_BUILD_OPTIONS="" if self.checks else "nocheck")
        subprocess.run(command, cwd=source, env=environment, check=True)
        self.take(folder.glob("*.deb"))

    def rpm(self) -> None:
        """Build the packages of RPM from the source tarball."""
        folder = self.fresh("rpm")
        spec = folder / "verifysms.spec"
        self.fill(HERE / "rpm" / spec.name, spec)
        definitions = {
            "_topdir": str(folder),
            "_sourcedir": str(self.dist.parent),
            "_buildhost": "localhost",
            "use_source_date_epoch_as_buildtime": "1",
            "clamp_mtime_to_source_date_epoch": "1",
        }
        defined = [word for name, value in definitions.items() for word in ("--define", f"{name} {value}")]
        # The database of packages is empty where the distribution has another kind.
        options = ["--nodeps"] if self.checks else ["--nodeps", "--nocheck"]
        command = ["rpmbuild", "-bb", *options, *defined, str(spec)]
        subprocess.run(command, cwd=folder, env=self.environment(), check=True)
        self.take(folder.glob("RPMS/*/*.rpm"))

    def recipes(self) -> None:
        """Fill in what other package managers build from."""
        content = self.dist.read_bytes()
        self.values["sha256"] = hashlib.sha256(content).hexdigest()
        self.values["sha512"] = hashlib.sha512(content).hexdigest()
        for name in RECIPES:
            self.fill_all(HERE / name, self.packed / "recipes" / name)

    def sums(self) -> None:
        """Write down the SHA-256 of everything, as sha256sum --check reads it."""
        listed = self.packed / "SHA256SUMS"
        files = sorted(path for path in self.packed.rglob("*") if path.is_file() and path != listed)
        sums = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
        lines = (f"{digest}  {path.relative_to(self.packed)}\n" for path, digest in sums.items())
        listed.write_text("".join(lines), encoding="utf-8")
        print(listed.read_text(encoding="utf-8"), end="")


def main() -> None:
    """Make what the first argument names."""
    kind, *settings = sys.argv[1:]
    os.umask(0o022)
    packages = Packages(dict(setting.split("=", 1) for setting in settings))
    making: dict[str, Callable[[], None]] = {
        "binaries": packages.binaries,
        "deb": packages.deb,
        "recipes": packages.recipes,
        "rpm": packages.rpm,
        "sums": packages.sums,
        "zip": partial(packages.binaries, "zip"),
    }
    making[kind]()


if __name__ == "__main__":
    main()
