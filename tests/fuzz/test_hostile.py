"""Everything in the corpus of hostile texts is refused when it is checked: with its place, and at once."""

from __future__ import annotations

import time

import pytest

from engine.problems import ProblemsFound
from tests.fuzz.ground import Ground, build_ground
from tests.fuzz.hostile import hostile_texts

AT_LEAST = 150
SECONDS = 0.05


@pytest.fixture(scope="module")
def ground() -> Ground:
    return build_ground(0)


def test_the_corpus_is_large_enough() -> None:
    assert len(set(hostile_texts())) >= AT_LEAST


@pytest.mark.parametrize("text", hostile_texts(), ids=lambda text: text[:40])
def test_it_is_refused_with_its_place_at_once(ground: Ground, text: str) -> None:
    taken = []
    for _ in range(3):  # the machine may be busy with something else
        start = time.thread_time()
        with pytest.raises(ProblemsFound) as refused:
            ground.compile(text)
        taken.append(time.thread_time() - start)
        if taken[-1] < SECONDS:
            break
    assert min(taken) < SECONDS
    for problem in refused.value.problems:
        assert problem.code.startswith("FX")
        assert problem.at is not None
        assert 1 <= problem.at.column <= max(1, len(text))


def test_names_that_mean_something_to_programs_are_only_data(ground: Ground) -> None:
    """A text field may hold anything; it stays a text."""
    expression = ground.compile('"__import__(\\"os\\")" & "=1+1" & "{0.__class__}" & "%s"')
    assert expression.type.kind == "text"
