"""Choose few inputs that cover what many do, and make them the corpus.

    python3 tests/fuzz/minimise.py PROGRAMS WORK [TARGET ...]

PROGRAMS is the folder of the built targets, WORK that of the corpora of a long run. `make
check-deep DEEP=fuzz` leaves them: target/deep/fuzz/*/release and target/deep/fuzz/corpus.

libFuzzer says which features each input has: the edges that it passes, and how often. The inputs
are taken one after another, each time the one that adds most: edges first, then features, until
there are enough files.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

CORPUS = Path(__file__).resolve().parent / "corpus"

LONGEST = 512
"""The longest input, in bytes. None that is longer covers anything of its own."""

MOST_FOR_EDGES, MOST = 60, 45
"""How many inputs are chosen for new edges, and until how many there are for new features."""


def measured(program: Path, folders: list[Path]) -> dict[Path, set[int]]:
    """Each input with its features, by libFuzzer's account of a merge."""
    with tempfile.TemporaryDirectory() as folder:
        account, empty = Path(folder, "account"), Path(folder, "empty")
        empty.mkdir()
        command: list[str | Path] = [program, "-merge=1", "-set_cover_merge=1", f"-max_len={LONGEST}"]
        command += [f"-merge_control_file={account}", empty, *folders]
        subprocess.run(command, check=True, capture_output=True)
        lines = account.read_text().splitlines()
    count = int(lines[0])
    inputs = [Path(line) for line in lines[2 : 2 + count]]
    found: dict[Path, set[int]] = {}
    for line in lines[2 + count :]:
        kind, number, *numbers = line.split()
        if kind == "FT":
            found[inputs[int(number)]] = set(map(int, numbers))
    return found


def chosen(found: dict[Path, set[int]]) -> list[Path]:
    """The inputs to keep."""
    kept: list[Path] = []
    sizes = {path: path.stat().st_size for path in found}
    # Eight features of an edge say how often it was passed.
    for fine, most in ((8, MOST_FOR_EDGES), (1, MOST)):
        has = {path: {feature // fine for feature in found[path]} for path in found}
        covered = set().union(*(has[path] for path in kept))
        left = sorted(path for path in found if path not in kept)
        left = [path for path in left if sizes[path] <= LONGEST]
        while left and len(kept) < most:
            best = max(left, key=lambda path: (len(has[path] - covered), -sizes[path]))
            if not has[best] - covered:
                break
            covered |= has[best]
            kept.append(best)
            left.remove(best)
    return kept


def main() -> None:
    """Make the corpora anew."""
    programs, work, *targets = sys.argv[1:]
    for target in targets or sorted(path.name for path in Path(work).iterdir()):
        own = CORPUS / target
        folders = [folder for folder in (Path(work, target), own) if folder.exists()]
        inputs = [path.read_bytes() for path in chosen(measured(Path(programs, target), folders))]
        own.mkdir(parents=True, exist_ok=True)
        for path in own.iterdir():
            path.unlink()
        for data in inputs:
            (own / hashlib.sha1(data).hexdigest()[:12]).write_bytes(data)
        print(f"{target}: {len(inputs)} inputs, {sum(map(len, inputs))} bytes")


if __name__ == "__main__":
    main()
