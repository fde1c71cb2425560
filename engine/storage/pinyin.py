"""The usual reading of a Chinese character, without tone."""

from __future__ import annotations

import os
from functools import lru_cache
from importlib import import_module
from typing import Any

# pypinyin reads its settings when it is imported: its dictionary of phrases (55 MiB, most of a second) is of no use
# for single characters, and a second copy of the characters is not needed either.
os.environ.setdefault("PYPINYIN_NO_PHRASES", "true")
os.environ.setdefault("PYPINYIN_NO_DICT_COPY", "true")
_constants: Any = import_module("pypinyin.constants")
_style: Any = import_module("pypinyin.style")


@lru_cache(maxsize=8192)
def spell(char: str) -> str:
    """Pinyin in ASCII letters ("ü" as "v"); the character itself when it has no reading."""
    readings = _constants.PINYIN_DICT.get(ord(char), "")
    if not readings:
        return char
    spelled: str = _style.convert(readings.split(",")[0], _constants.Style.NORMAL, strict=True)
    return spelled.replace("ü", "v")
