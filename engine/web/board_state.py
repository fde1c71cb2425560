"""What a reader has chosen on a board, as its address carries it: f.<filter>=, pick=widget~dimension~value, drill=."""

from __future__ import annotations

from collections.abc import Iterable

from werkzeug.datastructures import MultiDict

from engine.problems import Problem, ProblemsFound
from engine.services.dashboards.views import BoardState, Pick

_FILTER, _SEPARATOR = "f.", "~"
EVERYTHING = "*"  # an empty value means: those that have none
_MOST_PICKS = 30


def read_state(args: MultiDict[str, str]) -> BoardState:
    """The state that an address carries. Raises ProblemsFound (B201) for a mark that is none."""
    filters = {key[len(_FILTER) :]: _words(args.getlist(key)) for key in args if key.startswith(_FILTER)}
    picks = tuple(_pick(text) for text in dict.fromkeys(args.getlist("pick")))[:_MOST_PICKS]
    return BoardState(filters, picks, dict(_drills(args.getlist("drill"))))


def write_state(state: BoardState) -> list[tuple[str, str]]:
    """The parameters of the address of a state."""
    found = [(f"{_FILTER}{name}", word) for name, words in state.filters.items() for word in words or (EVERYTHING,)]
    found += [("pick", _SEPARATOR.join((each.widget, each.dimension, each.value))) for each in state.picks]
    return [*found, *(("drill", f"{name}{_SEPARATOR}{step}") for name, step in state.drill.items() if step)]


def _words(written: list[str]) -> tuple[str, ...]:
    return () if EVERYTHING in written else tuple(dict.fromkeys(written))


def _pick(text: str) -> Pick:
    widget, _, rest = text.partition(_SEPARATOR)
    dimension, sign, value = rest.partition(_SEPARATOR)
    if not sign:
        raise ProblemsFound([Problem("B201", {"name": "pick", "value": text, "words": ""})])
    return Pick(widget, dimension, value)


def _drills(texts: Iterable[str]) -> Iterable[tuple[str, int]]:
    for text in texts:
        name, _, step = text.partition(_SEPARATOR)
        if step.isascii() and step.isdecimal() and len(step) < 3:
            yield name, int(step)
