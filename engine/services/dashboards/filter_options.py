"""What may be chosen in the filters of a board."""

from __future__ import annotations

from collections.abc import Iterator

from engine.catalog.dashboards import BoardFilter
from engine.runtime.work import Work
from engine.services.dashboards.conditions import LINKS
from engine.services.dashboards.naming import BOOLEANS, holder_of, stages_of
from engine.services.dashboards.views import Option
from engine.values import Label


def options_of(work: Work, filter_: BoardFilter, language: str) -> tuple[Option, ...]:
    """The values of a choice, a stage or a yes/no; none for what is looked up or written."""
    return tuple(_options(work, filter_, language))


def _options(work: Work, filter_: BoardFilter, language: str) -> Iterator[Option]:
    if filter_.kind == "stage":
        for form_id, path in filter_.fields.items():
            for stage in stages_of(work, form_id, path).values():
                yield Option(stage.id, _in(stage.label, language), stage.color)
            return
    elif filter_.kind == "boolean":
        yield from (Option("true" if value else "false", _in(text, language)) for value, text in BOOLEANS.items())
    elif filter_.kind not in LINKS and filter_.field is not None:
        yield from (Option(each.id, _in(each.label, language), each.color) for each in filter_.field.choices)


def picker_of(work: Work, filter_: BoardFilter) -> tuple[str, str] | None:
    """The form and the link field whose choices are those of the filter, for a reader who sees that form."""
    if filter_.kind not in LINKS:
        return None
    for form_id, path in filter_.fields.items():
        holder = holder_of(work, form_id, path)
        form = work.catalog.forms[holder]
        name = form.owner if path[-1] == "owner" and form.owner else path[-1]
        if name in form.fields and work.rights.see(holder) is not None:
            return holder, name
    return None


def _in(label: Label, language: str) -> str:
    return label.get(language) or next(iter(label.values()), "")
