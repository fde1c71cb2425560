"""Gives new records their numbers: patterns filled in, serials drawn without gaps inside the same transaction."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.catalog import field_types
from engine.catalog.forms import NumberPattern
from engine.catalog.late_numbers import numbered_later
from engine.runtime.drafts import Draft
from engine.runtime.work import Work
from engine.storage.numbering import allocate_numbers, raise_counter

NUMBER = "number"


def number_drafts(work: Work, drafts: Sequence[Draft]) -> None:
    """Fill in the field `number` of new records that have none, unless an effect draws it later; one statement for
    each counter.

    Numbers that came along (an import) are stepped over: the counter goes on after the highest of them.
    """
    pattern = drafts[0].program.form.number if drafts else None
    if pattern is None:
        return
    _step_over(work, pattern, [draft for draft in drafts if draft.values.get(NUMBER) is not None])
    later = work.programs.remembered("numbered later", lambda: numbered_later(work.catalog))
    if drafts[0].program.form.id not in later:
        draw_numbers(work, drafts)


def draw_numbers(work: Work, drafts: Sequence[Draft]) -> None:
    """Draw numbers for the records that have none."""
    pattern = drafts[0].program.form.number
    if pattern is None:
        return
    waiting: dict[str, list[Draft]] = {}
    for draft in drafts:
        if draft.values.get(NUMBER) is None:
            waiting.setdefault(_key(work, draft), []).append(draft)
    for key in sorted(waiting):
        first = allocate_numbers(work.uow, f"{drafts[0].program.form.id}:{key}", len(waiting[key]))
        for serial, draft in enumerate(waiting[key], first):
            draft.values[NUMBER] = "".join(_part(work, draft, part, serial) for part in pattern.parts)
            draft.settle()


def _step_over(work: Work, pattern: NumberPattern, drafts: Sequence[Draft]) -> None:
    shape = re.compile("".join(_shape(part) for part in pattern.parts))
    reached: dict[str, int] = {}
    for draft in drafts:
        number = str(draft.values[NUMBER])
        found = shape.fullmatch(number)
        if found is not None and "serial" in found.groupdict():
            key = number[: found.start("serial")] + number[found.end("serial") :]
            reached[key] = max(reached.get(key, 0), int(found["serial"]))
    for key in sorted(reached):
        raise_counter(work.uow, f"{drafts[0].program.form.id}:{key}", reached[key])


def _shape(part: str | tuple[str, ...]) -> str:
    """What a part of the pattern looks like in a number; a serial may have outgrown its digits, never 15 of them."""
    if isinstance(part, str):
        return re.escape(part)
    if part[0] == "serial":
        return "(?P<serial>[0-9]{1,15})"
    return {"year": "[0-9]{4}", "month": "[0-9]{2}", "day": "[0-9]{2}", "field": ".*"}[part[0]]


def _key(work: Work, draft: Draft) -> str:
    """The pattern filled in without its serial."""
    pattern = draft.program.form.number
    return "" if pattern is None else "".join(_part(work, draft, part, None) for part in pattern.parts)


def _part(work: Work, draft: Draft, part: str | tuple[str, ...], serial: int | None) -> str:
    if isinstance(part, str):
        return part
    today = work.moment.today
    kind = part[0]
    if kind == "serial":
        return "" if serial is None else str(serial).rjust(int(part[1]), "0")
    if kind == "field":
        definition = draft.program.form.fields[part[1]]
        value = draft.values.get(part[1])
        return "" if value is None else field_types.FIELD_TYPES[definition.type].to_text(definition, value, "en")
    return {"year": f"{today.year:04}", "month": f"{today.month:02}", "day": f"{today.day:02}"}[kind]
