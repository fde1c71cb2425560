"""Whatever is written in a definition, the answer is a catalog or problems with a place, never an exception."""

from __future__ import annotations

import copy
import json
import random
import textwrap
from collections.abc import Iterator
from typing import Any

import pytest

from engine.problems import ProblemsFound, render_problem
from engine.source.reader import read_item
from engine.source.tree import plain
from tests.catalog.test_build import FILES
from tests.sites import build_test_catalog

ODD = (
    True, 0, -1, "", "x", "remove", [], {}, ["a"], {"a": "b"}, {"replace": {"a": "b"}}, {"add": ["q"], "remove": ["name"]},
    "=this", "=", "1.5", "lines", "stage", "crm.project", [["a"]], {"en": {}}, {"type": "text", "after": "name"}, "客户",
    "name.x", "SUM(lines.amount)", "x" * 300, {"fields": ["name"]}, 12345678901, {"days": 3}, "120%",
)  # fmt: skip


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, entry in entries:
        yield from paths(entry, (*path, key))


def mutated(definition: Any, chance: random.Random) -> str:
    changed = copy.deepcopy(definition)
    path = chance.choice(list(paths(changed)))
    inside = changed
    for step in path[:-1]:
        inside = inside[step]
    if chance.random() < 0.8:
        inside[path[-1]] = copy.deepcopy(chance.choice(ODD))
    else:
        del inside[path[-1]]
    return json.dumps(changed, ensure_ascii=False)


@pytest.mark.parametrize("seed", range(40))
def test_a_mutated_definition_is_answered(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311
    name = chance.choice(list(FILES))
    definition = plain(read_item(textwrap.dedent(FILES[name]).encode(), name))
    try:
        build_test_catalog({**FILES, name: mutated(definition, chance)})
    except ProblemsFound as found:
        for problem in found.problems:
            assert problem.at is not None
            assert render_problem(problem, "a line", "zh")
