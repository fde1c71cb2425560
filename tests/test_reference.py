"""Holds docs/reference to the schemas that check definitions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_the_reference_is_made_from_the_present_schemas() -> None:
    asked = subprocess.run(
        [sys.executable, "docs/make_reference.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert asked.stdout == ""
    assert asked.returncode == 0, "python docs/make_reference.py writes the pages again"
