"""Records that show what is wrong with conditions, in words: “50,000 < Amount ≤ 80,000, Kind = Urgent”."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Protocol

from engine.catalog.field_types.links import DEPARTMENT_FORM, PERSON_FORM
from engine.catalog.forms import Field, Form
from engine.catalog.workflow_checks.regions import Box, Regions
from engine.catalog.workflow_checks.value_sets import Span, Subject, ValueSet
from engine.catalog.workflows import StepList
from engine.expressions.nodes import Expression, Node, Path
from engine.expressions.words import to_words
from engine.values import Label, in_language

LANGUAGES = ("en", "zh")
_ASKED: Mapping[str, Label] = {
    "flow.initiator": {"en": "starter", "zh": "发起人"},
    "flow.department": {"en": "the starter’s department", "zh": "发起部门"},
    "flow.previous_handler": {"en": "handler before", "zh": "上一处理人"},
    "flow.round": {"en": "round", "zh": "轮次"},
    "flow.started_at": {"en": "time of starting", "zh": "发起时间"},
}
_OPPOSITE = {"=": "<>", "<>": "="}
_PEOPLE = {"user": PERSON_FORM, "users": PERSON_FORM, "department": DEPARTMENT_FORM, "departments": DEPARTMENT_FORM}


class Forms(Protocol):
    """Where forms are looked up."""

    @property
    def forms(self) -> Mapping[str, Form]:
        """The forms by id."""


@dataclass(frozen=True, slots=True)
class Names:
    """What names mean on a form, in one language, for one who may see all definitions."""

    world: Forms
    language: str
    place: Mapping[str, Field]
    form: Form

    def field(self, node: Node) -> str | None:
        """The names along a path."""
        if node.op == "asked":
            return in_language(_ASKED.get(str(node.value), {"en": str(node.value)}), self.language)
        path = node.value if isinstance(node.value, tuple) else (str(node.value),)
        if node.op == "me":
            return ".".join(("me", *path))
        between = "的" if self.language == "zh" else "’s "
        return between.join(self._labels(path)) or {"zh": "本记录"}.get(self.language, "this record")

    def rows(self, node: Node) -> str | None:
        """The name of a row source."""
        return self.field(replace(node, op="field"))

    def inside(self, source: Node) -> Names:
        """The names in each row of `source`."""
        path = source.value if isinstance(source.value, tuple) else ()
        field = self.form.fields.get(path[-1]) if path else None
        if field is not None and field.fields:
            return replace(self, place=field.fields)
        related = self.form.related.get(path[-1]) if path else None
        form = self.world.forms.get(related.form) if related is not None else None
        return replace(self, place=form.fields, form=form) if form is not None else self

    def option(self, node: Node, value: object) -> str | None:
        """The label of an option."""
        path = node.value if isinstance(node.value, tuple) else ()
        found = self._fields(path)
        choice = found[-1].choice(value) if found else None
        return in_language(choice.label, self.language) if choice is not None else None

    def _labels(self, path: Path) -> Iterator[str]:
        found = self._fields(path)
        yield from (in_language(field.label, self.language) for field in found)
        yield from path[len(found) :]

    def _fields(self, path: Path) -> list[Field]:
        found: list[Field] = []
        place: Mapping[str, Field] | None = self.place
        for name in path:
            field = place.get(name) if place is not None else None
            if field is None:
                break
            found.append(field)
            target = field.to[0] if len(field.to) == 1 else _PEOPLE.get(field.type, "")
            form = self.world.forms.get(target)
            place = form.fields if form is not None else None
        return found


@dataclass(frozen=True, slots=True)
class Examples:
    """Says what lies in boxes, for the workflow of one form."""

    world: Forms
    form: Form

    def words(self, expression: Expression) -> Label:
        """An expression in words."""
        return {language: self._words(expression.node, language) for language in LANGUAGES}

    def condition(self, case: StepList) -> Label:
        """A condition in words."""
        if case.when is None:
            return dict.fromkeys(LANGUAGES, case.name)
        return self.words(case.when)

    def region(self, regions: Regions, boxes: Sequence[Box]) -> Label:
        """The box of a region that one would think of first, in words."""
        return self.box(regions, min(boxes, key=lambda box: self.strangeness(regions, box)))

    def box(self, regions: Regions, box: Box) -> Label:
        """A box in words."""
        found = {}
        for language in LANGUAGES:
            parts = [self._part(regions, box, key, language) for key in sorted(box, key=list(regions.nodes).index)]
            found[language] = ("，" if language == "zh" else ", ").join(part for part in parts if part)
        return {
            language: text or ("任何记录" if language == "zh" else "any record") for language, text in found.items()
        }

    def strangeness(self, regions: Regions, box: Box) -> tuple[int, int, int]:
        """How far from what one would think of first: with something empty, without ends, with much said."""
        values = [regions.values(box, key) for key in box]
        only_empty = sum(each.null and not (each.spans or each.options or each.others) for each in values)
        open_ends = sum(None in (each.spans or ((0, 0),))[0] for each in values)
        return only_empty, open_ends, len(box)

    def _words(self, node: Node, language: str) -> str:
        return to_words(node, Names(self.world, language, self.form.fields, self.form), language)

    def _part(self, regions: Regions, box: Box, key: str, language: str) -> str:
        subject, node = regions.subjects[key], regions.nodes[key]
        while node.op == "N0":
            node = node.args[0]
        name, values = self._words(node, language), regions.values(box, key)
        if subject.type.kind == "boolean":
            if True not in values.options and node.op in _OPPOSITE:
                return self._words(replace(node, op=_OPPOSITE[node.op]), language)
            return name if True in values.options else f"{'并非 ' if language == 'zh' else 'not '}{_bracketed(name)}"
        if values.spans:
            return _between(subject, name, values.spans[0])
        if values.options or values.others:
            return self._among(node, name, values, language)
        return f"{name} 为空" if language == "zh" else f"{name} is empty"

    def _among(self, node: Node, name: str, values: ValueSet, language: str) -> str:
        names = Names(self.world, language, self.form.fields, self.form)
        shown = [names.option(node, each) or f"“{each}”" for each in sorted(values.options, key=str)]
        if not values.others:
            return f"{name} = {shown[0]}"
        if not shown:
            return f"{name} {'不为空' if language == 'zh' else 'is not empty'}"
        return f"{name} ≠ {('、' if language == 'zh' else ', ').join(shown)}"


def _between(subject: Subject, name: str, span: Span) -> str:
    low, high = span
    if low is not None and low == high:
        return f"{name} = {_shown(subject.shown(low))}"
    before = after = ""
    if low is not None:
        sign, value = _rounder(subject, low, -1)
        before = f"{value} {'<' if sign else '≤'} "
    if high is not None:
        sign, value = _rounder(subject, high, 1)
        after = f" {'<' if sign else '≤'} {value}"
    if before and not after:
        return f"{name} {'>' if '<' in before else '≥'} {before.split(' ')[0]}"
    return f"{before}{name}{after}"


def _rounder(subject: Subject, end: int, step: int) -> tuple[bool, str]:
    """The end of a range as people say it: the rounder of its last value and the next one outside."""
    inside, outside = subject.shown(end), subject.shown(end + step)
    is_rounder = isinstance(inside, Decimal) and _digits(outside) < _digits(inside)
    return is_rounder, _shown(outside if is_rounder else inside)


def _digits(value: object) -> int:
    return len(value.normalize().as_tuple().digits) if isinstance(value, Decimal) else 0


def _shown(value: object) -> str:
    if not isinstance(value, Decimal):
        return str(value)
    text = f"{value:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _bracketed(name: str) -> str:
    return f"({name})" if " " in name else name
