"""Files of another Debian, in a folder: nothing of it is installed, its programs run by name."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import foreign

from harness.tools import MissingToolError, need, run

PACKAGES = "musl,python3"
"""What is there beside the least that Debian is."""


def debian(release: str, machine: str, packages: str = PACKAGES) -> Path:
    """The folder with the files of a release for a machine; it is made once."""
    folder = foreign.WORK / f"{release}-{machine}-{packages.replace(',', '-')}"
    done = folder / "unpacked"
    if done.exists():
        return folder
    program = need("debootstrap", "debootstrap")
    if os.geteuid() != 0:
        raise MissingToolError("debootstrap takes the rights of root")
    shutil.rmtree(folder, ignore_errors=True)
    wanted = (f"--arch={machine}", "--variant=minbase", f"--include={packages}")
    run(program, "--foreign", *wanted, release, folder, timeout=1800)
    for package in sorted((folder / "var/cache/apt/archives").glob("*.deb")):
        with subprocess.Popen(["dpkg-deb", "--fsys-tarfile", package], stdout=subprocess.PIPE) as unpacking:
            tar = ["tar", "--extract", "--keep-directory-symlink", f"--directory={folder}"]
            subprocess.run(tar, stdin=unpacking.stdout, check=True)
        assert unpacking.returncode == 0, package
        package.unlink()
    done.touch()
    return folder


def source_of(release: str, package: str) -> Path:
    """The sources of a package as they came to Debian; apt's own lists stay as they are."""
    folder = foreign.WORK / f"{release}-sources"
    found = sorted(folder.glob(f"{package}_*.orig.tar.*z"))
    if found:
        return found[-1]
    (folder / "lists/partial").mkdir(parents=True, exist_ok=True)
    printed = ("--format", "$(REPO_URI)", "Created-By: Packages", "Origin: Debian", f"Codename: {release}")
    addresses = run(need("apt-get", "apt"), "indextargets", *printed).split()
    if not addresses:
        raise MissingToolError(f"apt knows nothing of {release}, or needs an apt-get update")
    (folder / "list").write_text(f"deb-src {addresses[0]} {release} main\n")
    settings = {"sourcelist": folder / "list", "sourceparts": "-"}
    options = [f"-oDir::Etc::{name}={value}" for name, value in settings.items()]
    apt = ("apt-get", *options, f"-oDir::State::lists={folder}/lists", "-oAPT::Sandbox::User=root")
    run(*apt, "update")
    run(*apt, "source", "--download-only", package, cwd=folder)
    return source_of(release, package)
