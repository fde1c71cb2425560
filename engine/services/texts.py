"""The interface's own texts by area and id, in every language of the product."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import yaml

_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def read_texts(folder: Path) -> Mapping[str, Mapping[str, str]]:
    """Every text of the YAML files in `folder`: {"list.empty": {"en": …, "zh": …}}; the file's name is the area."""
    texts: dict[str, Mapping[str, str]] = {}
    for path in sorted(folder.glob("*.yaml")):
        entries = yaml.load(path.read_text(encoding="utf-8"), _LOADER) or {}  # noqa: S506 - a safe loader either way
        texts.update({f"{path.stem}.{name}": entry for name, entry in entries.items()})
    return texts
