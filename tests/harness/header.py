"""The C header, read."""

from __future__ import annotations

import re

PROTOTYPE = r"^(?!typedef)([a-z][\w ]*?[ *]+)VERIFYSMS_CALL (verifysms_\w+)\(([^;{]*)\);"
"""What a function returns, its name, and its parameters, at the beginning of a line."""


def parameters(inside: str) -> list[str]:
    """The parameters of a prototype, of which there may be none."""
    return [one for one in re.split(r",\s*", inside) if one != "void"]
