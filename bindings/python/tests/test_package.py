"""What is installed: metadata, marker, licence, size, and how long the import takes."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import verifysms

PACKAGE = Path(verifysms.__file__).parent


def test_the_installed_package_is_tested_and_not_its_source():
    assert "site-packages" in PACKAGE.parts


def test_the_metadata_is_complete():
    told = importlib.metadata.metadata("verifysms")
    assert told["Version"] == verifysms.__version__
    assert told["License-Expression"] == "MIT OR Apache-2.0"
    assert set(told.get_all("License-File")) == {"LICENSE-APACHE", "LICENSE-MIT"}
    assert told["Requires-Python"] == ">=3.10"
    assert told.get_all("Requires-Dist") is None, "it needs no other package"
    assert told["Description-Content-Type"].startswith("text/markdown")
    assert told["Summary"]
    assert "verifysms.testing" in told.get_payload(), "the long description is the Python guide"
    assert len(told.get_all("Classifier")) > 10
    assert "Typing :: Typed" in told.get_all("Classifier")
    assert told["Keywords"]
    assert told.get_all("Project-URL")


def test_the_files_are_there():
    names = {path.name for path in PACKAGE.iterdir()}
    assert {"py.typed", "_verifysms.pyi", "_verifysms.abi3.so"} <= names
    licences = [path.name for path in importlib.metadata.files("verifysms") if "LICENSE" in path.name]
    assert sorted(licences) == ["LICENSE-APACHE", "LICENSE-MIT"]


def test_the_bill_of_materials_names_the_package_and_what_it_is_built_from():
    (path,) = (path for path in importlib.metadata.files("verifysms") if path.parent.name == "sboms")
    bill = json.loads(path.read_text())
    assert bill["metadata"]["component"]["purl"] == f"pkg:pypi/verifysms@{verifysms.__version__}"
    inside = {component["name"] for component in bill["components"] if component["scope"] == "required"}
    assert {"verifysms", "pyo3", "rustls", "ring", "std"} <= inside


def built(pattern: str) -> Path:
    folder = os.environ.get("VERIFYSMS_TEST_WHEELS")
    if folder is None:
        pytest.skip("VERIFYSMS_TEST_WHEELS does not name the folder of the built wheel and sdist")
    (found,) = Path(folder).glob(pattern)
    return found


def test_the_wheel_is_small_and_for_every_python():
    wheel = built("*.whl")
    assert wheel.stat().st_size < 3_000_000
    assert "-cp310-abi3-" in wheel.name
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        for name in names:
            assert not re.search(rb"/(home|root|work)/\w", archive.read(name)), name
    assert not [name for name in names if "/tests/" in name or name.startswith("tests/")]


def test_the_sdist_has_all_that_it_is_built_from():
    with tarfile.open(built("*.tar.gz")) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    for name in ("LICENSE-MIT", "LICENSE-APACHE", "pyproject.toml", "PKG-INFO", "Cargo.lock"):
        assert name in names, sorted(names)
    assert any(name.endswith("src/lib.rs") for name in names)
    assert any(name.endswith("py.typed") for name in names)
    assert any(name.endswith("GUIDE.md") for name in names)
    assert not any(name.startswith("bindings/python/tests") for name in names)


def loaded_by(program: str) -> set[str]:
    """The modules that an interpreter has loaded after a program."""
    program += "; import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


def test_the_import_loads_little():
    """Each of these takes longer than the package; `make bench` measures the whole."""
    modules = loaded_by("import verifysms") - loaded_by("pass")
    print(sorted(modules))
    assert not modules & {"asyncio", "http", "inspect", "json", "logging", "socket", "ssl", "subprocess", "typing"}


def test_every_public_name_is_there_and_has_a_docstring():
    for name in verifysms.__all__:
        value = getattr(verifysms, name)
        if isinstance(value, type):
            assert value.__doc__, name
            assert not value.__doc__.startswith("str("), name
    others = {"TYPE_CHECKING", "testing"}
    assert set(verifysms.__all__) == {name for name in vars(verifysms) if name[0] not in "_@"} - others | {
        "__version__"
    }
