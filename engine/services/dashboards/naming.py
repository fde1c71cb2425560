"""What the values of a dimension are called, in which colour and order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from engine.catalog.dashboards import Dimension
from engine.catalog.field_types.links import DEPARTMENT_FORM, PERSON_FORM
from engine.catalog.stages import Stage
from engine.runtime.work import Work
from engine.services.dashboards.conditions import LINKS, condition_of
from engine.services.dashboards.views import MarkKey
from engine.services.reading import fetch_title_map
from engine.values import Label

NOTHING: Label = {"en": "(none)", "zh": "（空）"}
BOOLEANS: Mapping[bool, Label] = {True: {"en": "Yes", "zh": "是"}, False: {"en": "No", "zh": "否"}}
_UNSEEN: Label = {"en": "(not visible)", "zh": "（不可见）"}


@dataclass(frozen=True, slots=True)
class Names:
    """How the values of one dimension are called; `ranks`: the order of options and stages."""

    dimension: Dimension
    name: Callable[[object], tuple[str, str | None]]
    ranks: Mapping[object, int]
    outcomes: Mapping[object, str] = field(default_factory=dict)

    def key(self, value: object) -> MarkKey:
        """The value as a key of a mark."""
        text, color = self.name(value)
        where = condition_of(self.dimension, value)
        return MarkKey(word_of(value), text, where, value, color, self.ranks.get(value), self.outcomes.get(value))


def word_of(value: object) -> str:
    """The value as an address carries it; "" for none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def name_values(work: Work, form_id: str, dimension: Dimension, values: Iterable[object], language: str) -> Names:
    """The names of `values`; titles of records are fetched at once, and only those that the reader sees."""
    nothing = NOTHING.get(language, NOTHING["en"])
    kind = dimension.kind
    if kind in LINKS:
        titles = _titles(work, dimension, values)
        unseen = _UNSEEN.get(language, _UNSEEN["en"])
        return Names(dimension, lambda value: (nothing if value is None else titles.get(value, unseen), None), {})
    if kind == "stage" and dimension.path is not None:
        return _stages(work, form_id, dimension, language)
    if kind == "choice" and dimension.field is not None:
        options = {each.id: (_in(each.label, language), each.color) for each in dimension.field.choices}
        ranks: dict[object, int] = {each.id: at for at, each in enumerate(dimension.field.choices)}
        return Names(dimension, lambda value: options.get(str(value), (str(value or nothing), None)), ranks)
    if kind == "boolean":
        return Names(dimension, lambda value: (_in(BOOLEANS[bool(value)], language), None), {True: 0, False: 1})
    return Names(dimension, lambda value: (nothing if value in (None, "") else _plain(dimension, value), None), {})


def _titles(work: Work, dimension: Dimension, values: Iterable[object]) -> Mapping[object, str]:
    targets = {"person": PERSON_FORM, "department": DEPARTMENT_FORM}
    form_id = targets.get(dimension.kind) or dimension.value.type.form or ""
    found = fetch_title_map(work, form_id, (each for each in values if isinstance(each, int)))
    return dict(found.items())


def _stages(work: Work, form_id: str, dimension: Dimension, language: str) -> Names:
    known = stages_of(work, form_id, dimension.path or ())
    names = {key: (_in(stage.label, language), stage.color) for key, stage in known.items()}
    return Names(
        dimension,
        lambda value: names.get(value, (str(value or _in(NOTHING, language)), None)),
        {key: at for at, key in enumerate(known)},
        {key: stage.outcome for key, stage in known.items()},
    )


def stages_of(work: Work, form_id: str, path: Sequence[str]) -> Mapping[object, Stage]:
    """The stages that the field at the end of a path may have: the open ones of all its sets, then all ends."""
    known: dict[object, Stage] = {}
    for each in work.catalog.stage_sets.get((holder_of(work, form_id, path), path[-1] if path else ""), ()):
        known.update({key: stage for key, stage in each.stages.items() if key not in known})
    return dict(sorted(known.items(), key=lambda each: each[1].outcome != "open"))


def holder_of(work: Work, form_id: str, path: Sequence[str]) -> str:
    """The form in which the field at the end of a path stands."""
    for name in path[:-1]:
        link = work.catalog.forms[form_id].fields[name]
        form_id = link.to[0]
    return form_id


def _plain(dimension: Dimension, value: object) -> str:
    if isinstance(value, date):
        return period_text(value, dimension.bucket)
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def period_text(day: date, bucket: str | None) -> str:
    """2026-03, 2026 Q1, 2026 W09 … of the first day of a bucket."""
    if bucket == "year":
        return f"{day.year}"
    if bucket == "quarter":
        return f"{day.year} Q{(day.month + 2) // 3}"
    if bucket == "month":
        return f"{day.year}-{day.month:02}"
    return day.isoformat()


def _in(label: Label, language: str) -> str:
    return label.get(language) or next(iter(label.values()), "")
