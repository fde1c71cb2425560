"""Does every record have stages? Several sets of one field must leave no option of a choice field out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice, product
from zoneinfo import ZoneInfo

from engine.catalog.forms import Field, Form
from engine.catalog.stages import StageSet
from engine.catalog.world import World
from engine.expressions import compile_closure
from engine.expressions.nodes import Expression, Moment, Path, Values
from engine.problems import Location

MOST_CASES = 5_000
_ANY_TIME = Moment(datetime(2000, 1, 1, tzinfo=UTC), ZoneInfo("UTC"))


@dataclass(frozen=True, slots=True)
class _Case:
    """The values of the fields that the conditions read."""

    values: Mapping[str, object]

    def value(self, path: Path) -> object:
        """The value of a field."""
        return self.values[path[0]]

    def rows(self, source: Path) -> Sequence[Values]:
        """There are none."""
        return ()


def check_stage_gaps(world: World) -> None:
    """Notes C139 for the first case that no set of a stage field is for.

    Only conditions on choice and boolean fields of the record itself can be tried out one by one.
    """
    for (form_id, field_id), sets in world.stage_sets.items():
        conditions = [each.when for each in sets if each.when is not None]
        if len(sets) < 2 or len(conditions) < len(sets):
            continue
        names = _tested(world.forms[form_id], conditions)
        missing = _missing(world.forms[form_id], names, conditions) if names else None
        if missing is not None:
            at = _place(world, sets[-1])
            world.notes.add("C139", at, field=f"{form_id}.{field_id}", case=missing)


def _place(world: World, last: StageSet) -> Location:
    return world.resolved.definitions[last.id].item.map["when"].at


def _tested(form: Form, conditions: Iterable[Expression]) -> tuple[str, ...]:
    """The fields that the conditions read; none when one of them cannot be tried out."""
    names: set[str] = set()
    for condition in conditions:
        for reference in condition.references:
            field = form.fields.get(reference.path[0])
            plain = len(reference.path) == 1 and reference.rows is None and not reference.outer
            if field is None or not plain or field.type not in ("choice", "boolean"):
                return ()
            names.add(field.id)
        if condition.volatile:
            return ()
    return tuple(name for name in form.fields if name in names)


def _missing(form: Form, names: tuple[str, ...], conditions: Iterable[Expression]) -> str | None:
    """The first case that meets no condition, in words: `kind = 'spare'`."""
    closures = [compile_closure(condition) for condition in conditions]
    cases = product(*(tuple(_values(form.fields[name])) for name in names))
    for values in islice(cases, MOST_CASES):
        case = _Case(dict(zip(names, values, strict=True)))
        if not any(closure(case, _ANY_TIME) for closure in closures):
            return " and ".join(_words(name, value) for name, value in case.values.items())
    return None


def _values(field: Field) -> Iterator[object]:
    if field.type == "boolean":
        yield from (True, False)
        return
    yield from (choice.id for choice in field.choices)
    if field.required is None or field.required.constant is not True:
        yield None


def _words(name: str, value: object) -> str:
    if value is None:
        return f"ISEMPTY({name})"
    return f"{name} = '{value}'" if isinstance(value, str) else (name if value else f"not {name}")
