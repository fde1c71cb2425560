"""Shows a draft before it is saved: an empty form with its defaults, or what saving would say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from engine.runtime.browser_parts import known_values, shown_values
from engine.runtime.drafts import Draft
from engine.runtime.evaluation import parts_away
from engine.runtime.journal import to_wire
from engine.runtime.links import fetch_known_titles
from engine.runtime.titles import Titles
from engine.runtime.validation import open_options
from engine.services.reading import collect_links, make_title
from engine.services.saving import Saving, find_problems
from engine.services.stage_states import states_of
from engine.services.views_of_records import Preview, RecordView
from engine.values import in_language


def draft_view(saving: Saving) -> RecordView:
    """The only draft of `saving` as a view without id."""
    draft, conditions = saving.drafts[0], saving.conditions[0]
    titles = fetch_known_titles(saving.work, saving.drafts)
    values = _seen(saving, draft)
    language = saving.work.catalog.company.language
    form = draft.program.form
    return RecordView(
        form=form,
        id=draft.record_id,
        version=draft.version,
        title=make_title(form, draft.values, titles, language) or in_language(form.label, language),
        values=values,
        titles=_titles_in(saving, values, titles),
        read_only=_of_seen(saving, conditions.read_only),
        hidden=_of_seen(saving, conditions.hidden),
        required=_of_seen(saving, conditions.required),
        may=frozenset(saving.rights.verbs),
        stages=states_of(saving, draft, may_move=False),
        away=parts_away(saving.work, draft),
    )


def preview_of(saving: Saving) -> Preview:
    """What saving the only draft would make of the record and what it would refuse."""
    find_problems(saving)
    draft, conditions = saving.drafts[0], saving.conditions[0]
    fields = draft.program.form.fields
    values = _seen(saving, draft)
    options = {
        pointer: open_options(saving.work, draft, program, row)
        for program in draft.program.fields.values()
        if program.choice_rules and program.key in saving.rights.see
        for pointer, row in draft.places(program)
    }
    return Preview(
        values={name: to_wire(fields[name], value) for name, value in values.items()},
        hidden=_of_seen(saving, conditions.hidden),
        required=_of_seen(saving, conditions.required),
        read_only=_of_seen(saving, conditions.read_only),
        problems=tuple(each for each in draft.problems if each.code != "V138"),  # saving asks for the approval
        titles=_titles_in(saving, values, saving.titles),
        choices=options,
        away=parts_away(saving.work, draft),
        known=known_values(saving.work, draft, frozenset(values), saving.rights),
    )


def _of_seen(saving: Saving, pointers: Iterable[str]) -> frozenset[str]:
    """Those that point into fields the actor may see: "lines/0/cost" is the column lines.cost."""
    see = saving.rights.see
    keys = {each: each.split("/") for each in pointers}
    return frozenset(each for each, parts in keys.items() if ".".join(dict.fromkeys((parts[0], parts[-1]))) in see)


def _titles_in(saving: Saving, values: Mapping[str, object], titles: Titles) -> dict[str, dict[int, str]]:
    """The titles of records that stand in these values: links the actor may not see lead nowhere."""
    wanted: dict[str, set[int]] = {}
    for name, value in values.items():
        collect_links(saving.drafts[0].program.form.fields[name], value, wanted)
    return {
        form_id: {each: title for each, title in found.items() if each in wanted.get(form_id, ())}
        for form_id, found in titles.items()
    }


def _seen(saving: Saving, draft: Draft) -> dict[str, object]:
    """The values of fields the actor may see; rows of lines without the columns withheld."""
    seen: dict[str, object] = {}
    always = saving.rights.see - saving.rights.see_rules.keys()
    for name, value in shown_values(saving.work, draft).items():
        if name not in saving.rights.see or name in saving.rights.see_rules:
            continue
        if draft.program.form.fields[name].type == "lines":
            rows: list[Any] = value if isinstance(value, list) else []
            seen[name] = [
                {
                    column: cell
                    for column, cell in row.items()
                    if column == "id" or f"{name}.{column}" in always
                }
                for row in rows
            ]
        else:
            seen[name] = value
    return seen
