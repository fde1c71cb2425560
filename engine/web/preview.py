"""The answer to a form that asks what saving it would do: what its inputs and outputs should show now."""

from __future__ import annotations

from collections.abc import Mapping

from engine.services.views_of_records import Preview
from engine.web.form_page import FormPage
from engine.web.form_values import inputs_of


def preview_answer(page: FormPage, told: Preview) -> Mapping[str, object]:
    """JSON for the form's script: inputs, texts of outputs, titles of links, state and problems by pointer."""
    inputs = inputs_of(page.view, page.zone)
    return {
        "inputs": inputs,
        "texts": _texts(page),
        "titles": {
            form: {str(each): title for each, title in named.items()} for form, named in page.view.titles.items()
        },
        "hidden": sorted(told.hidden),
        "required": sorted(told.required),
        "read_only": sorted(told.read_only),
        "away": sorted(told.away),
        "choices": {name: list(ids) for name, ids in told.choices.items()},
        "known": dict(told.known),
        "problems": {pointer: list(sentences) for pointer, sentences in page.messages.at.items()},
    }


def _texts(page: FormPage) -> Mapping[str, str]:
    texts: dict[str, str] = {}
    for name in page.view.values:
        if name not in page.form.fields:
            continue
        if page.form.fields[name].type == "lines":
            texts.update(_row_texts(page, name))
        elif page.kind(page.form.fields[name]) == "output":
            texts[name] = page.text(name)
    return texts


def _row_texts(page: FormPage, lines: str) -> Mapping[str, str]:
    rows = page.view.values.get(lines)
    computed = [inner.id for inner in page.columns(lines) if page.row_kind(lines, inner) == "output"]
    return {
        f"{lines}/{position}/{name}": page.row_text(lines, position, name)
        for position in range(len(rows) if isinstance(rows, (list, tuple)) else 0)
        for name in computed
    }
