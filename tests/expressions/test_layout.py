"""Formatting keeps the meaning of whatever was written, however it was laid out, and changes nothing a second time."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from engine.expressions import Node
from engine.expressions.layout import format_layout
from engine.expressions.lexer import split_tokens
from engine.problems import ProblemsFound
from tests.fuzz.ground import build_ground
from tests.fuzz.growing import Grower

GROUND = build_ground(7)
WIDE = {"(": "（", ")": "）", ",": "，", "+": "＋", "*": "×", "<=": "≤", "<>": "!=", "=": "==", ">": "＞"}
CASES = 400


def scrambled(text: str, chance: Random) -> str:
    """The same tokens, spaced, broken and written in other ways."""
    pieces = []
    for token in split_tokens(text)[:-1]:
        raw = text[token.start : token.end]
        if token.kind == "sign" and chance.random() < 0.4:
            raw = WIDE.get(raw, raw)
        elif token.kind == "name" and text[token.end : token.end + 1] == "(":
            raw = raw.lower() if chance.random() < 0.5 else raw
        pieces.append(raw + chance.choice([" ", "  ", "\n  ", " \n\n", "\u3000"]))
    return f"({''.join(pieces)})" if chance.random() < 0.5 else "".join(pieces)


def without_places(node: Node) -> Node:
    return replace(node, position=0, args=tuple(without_places(arg) for arg in node.args))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("quote", ["", "'", '"'])
def test_random_expressions_mean_the_same_when_formatted(seed: int, quote: str) -> None:
    chance = Random(seed)  # noqa: S311
    grower = Grower(chance)
    compared = 0
    for _ in range(CASES // 4):
        text = scrambled(str(grower.expression()), chance)
        formatted = format_layout(text, quote)
        assert format_layout(formatted, quote) == formatted
        try:
            meant = GROUND.compile(text)
        except ProblemsFound:
            continue
        compared += 1
        assert without_places(GROUND.compile(formatted).node) == without_places(meant.node), (text, formatted)
        assert formatted.count("\n") <= text.count("\n")
        signs = (formatted[each.start : each.end] for each in split_tokens(formatted) if each.kind == "sign")
        assert all(sign.isascii() and sign not in ("==", "!=") for sign in signs)
    assert compared > CASES // 8
