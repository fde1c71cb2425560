"""The text of every problem: one entry per stable code, in English and Chinese.

Families: S site and files, Y YAML, D documents (shape), O overlays, C catalog (names and types),
FX expressions (formula.md), T tables and plans, V values of a record, R records and requests, I import.
A code is never given a second meaning; a code that is not used any more stays reserved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ProblemText:
    """Text and usual hint by language; {names} are filled from the problem's values."""

    text: Mapping[str, str]
    hint: Mapping[str, str] = field(default_factory=dict)


def _text(en: str, zh: str, hint_en: str = "", hint_zh: str = "") -> ProblemText:
    return ProblemText({"en": en, "zh": zh}, {"en": hint_en, "zh": hint_zh or hint_en})


PROBLEM_CODES: dict[str, ProblemText] = {
    # --- V: values of a record (shown to business users without the code) ---
    "V101": _text("{label} must not be empty.", "{label}不能为空。"),
    "V102": _text("{label} should be {expected}; “{value}” is not.", "{label}应为{expected}，而“{value}”不是。"),
    "V103": _text("{label} must hold: {rule}.", "{label}必须满足：{rule}。"),
    # --- R: records and requests ---
    "R101": _text("There is no field '{name}' here that can be used.", "这里没有可用的字段“{name}”。"),
    "R102": _text("You may not do this: {verb}.", "您没有权限：{verb}。"),
}
