"""What the interface itself says, in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.services.texts import read_texts

LANGUAGES = ("zh", "en")
LANGUAGE_NAMES = {"zh": "中文", "en": "English"}
LANGUAGE_TAGS = {"zh": "zh-CN", "en": "en"}


@dataclass(frozen=True, slots=True)
class Texts:
    """All texts by id ("list.empty")."""

    entries: Mapping[str, Mapping[str, str]]

    def text(self, language: str, text_id: str, values: Mapping[str, object]) -> str:
        """The text in `language` with its {holes} filled; an entry's `en_one` is used when `count` is 1.

        KeyError when there is no such text: a misspelt id must not reach a reader.
        """
        entry = self.entries[text_id]
        one = entry.get(f"{language}_one") if values.get("count") == 1 else None
        text = one or entry[language]
        for name, value in values.items():
            text = text.replace("{" + name + "}", str(value))
        return text


def load_texts() -> Texts:
    """The texts that ship with the program."""
    return Texts(read_texts(Path(__file__).parent / "texts"))
