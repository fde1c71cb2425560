"""Definitions as text: what a file would say."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

_LONGEST_LINE = 100_000  # a folded text would be no expression any more


def to_yaml(definition: Mapping[str, object]) -> str:
    """The YAML of a definition, in its own order."""
    return str(yaml.safe_dump(dict(definition), sort_keys=False, allow_unicode=True, width=_LONGEST_LINE))
