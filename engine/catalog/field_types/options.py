"""Yes or no, one of several options, several of them, a stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean
from sqlalchemy.types import TypeEngine

from engine.catalog.field_types.base import FieldType, is_blank, wrong
from engine.catalog.field_types.columns import WordList, plain_text
from engine.catalog.forms import Choice, Field
from engine.expressions.nodes import Type
from engine.problems import near_name
from engine.values import in_language

_TRUE = frozenset({"true", "1", "yes", "on", "y", "是", "✓", "√"})
_FALSE = frozenset({"false", "0", "no", "off", "n", "否", "✗", "×"})


@dataclass(frozen=True)
class BooleanType(FieldType):
    """True or false; never empty, false unless given."""

    def column_type(self, field: Field) -> TypeEngine[Any] | None:
        """Boolean."""
        return Boolean()

    def parse(self, field: Field, raw: object) -> object:
        """True or False; nothing given is False."""
        if isinstance(raw, bool):
            return raw
        text = "" if is_blank(raw) else str(raw).strip().lower()
        if text in _TRUE:
            return True
        if text in _FALSE or not text:
            return False
        raise wrong(field, raw, "yes or no", "是或否")

    def to_wire(self, field: Field, value: object) -> object:
        """A JSON boolean."""
        return bool(value)

    def to_text(self, field: Field, value: object, language: str) -> str:
        """Yes / No, 是 / 否."""
        if language == "zh":
            return "是" if value else "否"
        return "Yes" if value else "No"


def find_option(field: Field, text: str) -> Choice | None:
    """The option with this id, else with this label in any language."""
    by_id = field.choice(text)
    if by_id is not None:
        return by_id
    return next((choice for choice in field.choices if text in choice.label.values()), None)


def _option(field: Field, raw: object) -> str:
    text = str(raw).strip()
    choice = None if isinstance(raw, (bool, dict, list)) else find_option(field, text)
    if choice is None:
        near = near_name(text, [each.id for each in field.choices])
        hint = f" ({near}?)" if near else ""
        raise wrong(field, raw, f"one of its options{hint}", f"选项之一{hint}")
    return choice.id


def _shown(field: Field, value: object, language: str) -> str:
    choice = field.choice(value)
    return in_language(choice.label, language) if choice else str(value)


@dataclass(frozen=True)
class ChoiceType(FieldType):
    """One option; kept as its id."""

    def expression_type(self, field: Field) -> Type:
        """A choice of the field's options."""
        return Type(self.expression_kind, options=tuple(choice.id for choice in field.choices) or None)

    def column_type(self, field: Field) -> TypeEngine[Any] | None:
        """The id as text."""
        return plain_text()

    def parse(self, field: Field, raw: object) -> object:
        """The option's id, found by id or label."""
        return None if is_blank(raw) else _option(field, raw)

    def to_text(self, field: Field, value: object, language: str) -> str:
        """The option's label."""
        return "" if value is None else _shown(field, value, language)


class StageType(ChoiceType):
    """A stage; `Field.choices` holds the stages of all its sets. Which may be chosen is for the runtime to say."""


@dataclass(frozen=True)
class ChoicesType(FieldType):
    """Several options; kept as their ids in the order chosen."""

    def expression_type(self, field: Field) -> Type:
        """Several of the field's options."""
        return Type(self.expression_kind, options=tuple(choice.id for choice in field.choices) or None)

    def column_type(self, field: Field) -> TypeEngine[Any] | None:
        """A JSON array."""
        return WordList()

    def parse(self, field: Field, raw: object) -> object:
        """The ids; a text may name several, separated by comma, semicolon or 、."""
        if is_blank(raw):
            return ()
        entries = raw if isinstance(raw, (list, tuple)) else _parts(str(raw))
        return tuple(dict.fromkeys(_option(field, entry) for entry in entries if not is_blank(entry)))

    def to_wire(self, field: Field, value: object) -> object:
        """A list of ids."""
        return list(value) if isinstance(value, (list, tuple)) else []

    def to_text(self, field: Field, value: object, language: str) -> str:
        """The labels, separated by commas."""
        labels = [_shown(field, entry, language) for entry in value] if isinstance(value, (list, tuple)) else []
        return ("、" if language == "zh" else ", ").join(labels)


def _parts(text: str) -> list[str]:
    for sign in ("，", "、", ";", "；", "\n"):
        text = text.replace(sign, ",")
    return [part.strip() for part in text.split(",")]


_OWN = frozenset({"choices"})
TYPES: tuple[FieldType, ...] = (
    BooleanType("boolean", "boolean", "boolean", "boolean"),
    ChoiceType("choice", "choice", "choice", "choice", _OWN),
    ChoicesType("choices", "choice", "choices", "choices", _OWN),
    StageType("stage", "choice", "stage", "stage"),
)
