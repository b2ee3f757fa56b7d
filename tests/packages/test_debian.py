"""The packages of Debian: built without a network, looked at by lintian, installed, used and removed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.namespaces import scratch
from harness.tools import need, run
from install.place import SONAME, VERSION
from packages.release import DISTRIBUTION, NAME, Release, dist, offline, tool

pytestmark = pytest.mark.slow
REVISION = f"{VERSION}-0upstream1"


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Release:
    """The packages. check-dist runs the tests of the tarball."""
    for program, package in (
        ("dpkg-buildpackage", "dpkg-dev"),
        ("dh", "debhelper"),
        ("dh_python3", "dh-python"),
    ):
        tool(program, package)
    release = Release(tmp_path_factory.mktemp("debian"), dist())
    release.make("deb", *offline())
    return release


def test_lintian_finds_nothing(built: Release) -> None:
    """No error and no warning, and nothing is overridden; test_reproducible.py looks at the source."""
    packages = sorted(built.packed.glob("*.deb"))
    options = ("--allow-root", "--fail-on", "error,warning")
    printed = run(tool("lintian", "lintian"), *options, *packages, timeout=1200)
    assert not [line for line in printed.splitlines() if line.startswith(("E:", "W:"))], printed


def test_what_is_in_them(built: Release) -> None:
    """Each file is in one package, and each package has a bill of materials but that for development."""
    names = ("libverifysms1", "libverifysms-dev", "verifysms", "python3-verifysms")
    listed: dict[str, str] = {}
    for name in names:
        (package,) = built.packed.glob(f"{name}_{REVISION}_*.deb")
        for line in run("dpkg-deb", "--contents", package).splitlines():
            path = line.split(" ./", 1)[1].split(" -> ")[0]
            if path and not path.endswith("/"):
                assert listed.setdefault(path, name) == name, path
    of = {name: {path for path, owner in listed.items() if owner == name} for name in names}
    assert any(path.endswith(f"/{SONAME}") for path in of["libverifysms1"])
    assert any(path.endswith("/libverifysms.a") for path in of["libverifysms-dev"])
    assert "usr/bin/verifysms" in of["verifysms"]
    assert "usr/lib/python3/dist-packages/verifysms/_verifysms.abi3.so" in of["python3-verifysms"]
    for name in ("libverifysms1", "verifysms", "python3-verifysms"):
        assert [path for path in of[name] if path.endswith(".cdx.json")], name


def test_installed_they_are_used_and_removed(built: Release, tmp_path: Path) -> None:
    """They bring a test for autopkgtest, which succeeds once dpkg has them; purged they leave nothing."""
    need("curl", "curl")
    packages = sorted(built.packed.glob("*.deb"))
    names = [package.name.partition("_")[0] for package in packages]
    source = built.work / "deb" / NAME
    script = tmp_path / "script"
    script.write_text(
        f"""set -e
dpkg --install {" ".join(map(str, packages))}
cd {source}
debian/tests/use
dpkg --purge {" ".join(names)}
find /usr /var/lib /etc -name '*verifysms*' -newer {packages[0]} > {tmp_path}/left
""",
        encoding="utf-8",
    )
    clean = {
        name: None for name in os.environ if name.startswith(("VERIFYSMS_", "LD_", "PKG_CONFIG", "PYTHON"))
    }
    (tmp_path / "layer").mkdir()
    inside = scratch(tmp_path / "layer", "/usr", "/var", "/etc")
    printed = run(*inside, "sh", script, env={**clean, "PATH": DISTRIBUTION}, timeout=600)
    for what in ("command", "c", "python"):
        assert f"used by {what}: " in printed, printed
    assert (tmp_path / "left").read_text(encoding="utf-8") == ""
