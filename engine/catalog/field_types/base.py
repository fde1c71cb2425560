"""What a field type is: one class with its properties, its column, its parser and its texts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy.types import TypeEngine

from engine.catalog.forms import Field
from engine.expressions.nodes import Type
from engine.problems import Problem, ProblemsFound
from engine.values import in_language

COMMON = frozenset(
    (
        *(
            "type",
            "label",
            "help",
            "hint",
            "required",
            "visible",
            "read_only",
            "default",
            "formula",
            "compute",
            "freeze",
        ),
        *("check", "clear_when_hidden", "fixed", "copy", "discloses", "personal", "print", "access", "was", "accepts"),
    )
)


@dataclass(frozen=True)
class FieldType:
    """One field type.

    family           the module it stands in: text, number, date, choice, people, link, file, lines, boolean.
    expression_kind  kind of the expression type of its values.
    widget           the name of the input that pages use.
    own              YAML keys that fit this type besides the common ones.
    """

    name: str
    family: str
    expression_kind: str
    widget: str
    own: frozenset[str] = frozenset()

    @property
    def properties(self) -> frozenset[str]:
        """Every YAML key that a field of this type may have."""
        return COMMON | self.own

    def expression_type(self, field: Field) -> Type:
        """The type of the field's values in expressions."""
        return Type(self.expression_kind)

    def column_type(self, field: Field) -> TypeEngine[Any] | None:
        """The type of its column; None when it has no column of its own."""
        raise NotImplementedError

    def parse(self, field: Field, raw: object) -> object:
        """The value of wire form or typed text; None when empty. Raises ProblemsFound (V…) without pointer."""
        raise NotImplementedError

    def to_wire(self, field: Field, value: object) -> object:
        """The value as JSON has it: numbers are texts, ids numbers."""
        return value

    def to_text(self, field: Field, value: object, language: str) -> str:
        """The value as people read it; "" when empty."""
        return "" if value is None else str(value)


def wrong(field: Field, raw: object, expected_en: str, expected_zh: str) -> ProblemsFound:
    """The error that says what the field should hold instead of `raw`."""
    shown = str(raw)
    shown = shown if len(shown) <= 60 else shown[:59] + "…"
    label_en, label_zh = in_language(field.label, "en"), in_language(field.label, "zh")
    return ProblemsFound(
        [
            Problem(
                "V102",
                {"label": label_en, "expected": expected_en, "value": shown},
                text={
                    "en": f"{label_en} should be {expected_en}; “{shown}” is not.",
                    "zh": f"{label_zh}应为{expected_zh}，而“{shown}”不是。",
                },
            )
        ]
    )


def is_blank(raw: object) -> bool:
    """Whether nothing was given: None, empty text or white space, an empty list or map."""
    if isinstance(raw, str):
        return not raw.strip()
    return raw is None or (isinstance(raw, (list, tuple, dict)) and not raw)
