"""Checks that values which must differ between records do: within the batch being saved,
and against all stored ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.catalog.forms import Unique
from engine.problems import Problem
from engine.runtime.drafts import Draft
from engine.runtime.work import Work
from engine.storage.uniques import find_taken
from engine.values import is_empty


def check_uniques(work: Work, drafts: Sequence[Draft]) -> None:
    """Note each unique check that a draft breaks: one statement for each check, none when its fields did not change."""
    if not drafts:
        return
    form = drafts[0].program.form
    for unique in form.uniques:
        keyed = [(key, draft) for draft in drafts if (key := _key(unique, draft)) is not None]
        if not keyed:
            continue
        taken = find_taken(work.uow, form.id, unique, [key for key, _ in keyed])
        seen: set[tuple[Any, ...]] = set()
        for key, draft in keyed:
            if key in seen or taken.get(key, set()) - {draft.record_id}:
                draft.problems.append(Problem("V124", pointer=unique.fields[-1], text=unique.message))
            seen.add(key)


def _key(unique: Unique, draft: Draft) -> tuple[Any, ...] | None:
    """The values that must differ; None when one is empty or none has changed."""
    key = tuple(draft.values.get(name) for name in unique.fields)
    if any(is_empty(each) for each in key) or not draft.changed() & set(unique.fields):
        return None
    return key
