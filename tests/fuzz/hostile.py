"""Reads the corpus of hostile texts."""

from __future__ import annotations

from pathlib import Path

import yaml


def hostile_texts() -> list[str]:
    """Every text of hostile.yaml, written out."""
    table = yaml.safe_load(Path(__file__).with_name("hostile.yaml").read_text(encoding="utf-8"))
    return [_written_out(entry) for group in table.values() for entry in group]


def _written_out(entry: str | dict[str, str | int]) -> str:
    if isinstance(entry, str):
        return entry
    return f"{entry['before']}{str(entry['repeat']) * int(entry['times'])}{entry['after']}"
