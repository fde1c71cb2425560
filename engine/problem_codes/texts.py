"""What the text of a problem consists of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ProblemText:
    """Text and usual hint by language; {names} are filled from the problem's values."""

    text: Mapping[str, str]
    hint: Mapping[str, str] = field(default_factory=dict)


def text(en: str, zh: str, hint_en: str = "", hint_zh: str = "") -> ProblemText:
    """The entry of one code."""
    return ProblemText({"en": en, "zh": zh}, {"en": hint_en, "zh": hint_zh or hint_en})
