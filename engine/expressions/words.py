"""An expression as a sentence, in two languages: “Limit − Used”, “sum of Amount over Lines (Kind = Stock)”.

Names come from `Labels`, which knows the reader: what the reader may not see is not named, and neither are the values
written beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from engine.expressions.nodes import STAYS, Node, Type
from engine.expressions.words_table import AGGREGATE_PATTERNS, COMPARED, PATTERNS, PHRASES, SIGNS

PROSE, COMPARISON, ADDITION, PRODUCT, ATOM = 0, 4, 6, 7, 9
LISTED_CASES = 4
_OPTIONS = frozenset({"choice", "choices", "stage"})
_LATER = {"MIN": "EARLIEST", "MAX": "LATEST"}


class Labels(Protocol):
    """What fields, row sources and options are called by one reader."""

    def field(self, node: Node) -> str | None:
        """The name of a "field", "me", "settings" or "asked" node; None when the reader must not know it."""

    def rows(self, node: Node) -> str | None:
        """The name of a row source, likewise."""

    def inside(self, source: Node) -> Labels:
        """The labels of what is asked of each row of `source`."""

    def option(self, node: Node, value: object) -> str | None:
        """The label of an option of the choice or stage field that `node` names."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    text: str
    power: int = ATOM


def to_words(node: Node, labels: Labels, language: str) -> str:
    """The sentence that says what `node` computes."""
    text = _Writer(labels, int(language == "zh")).phrase(node).text
    # wide brackets bring their own white
    return text.replace(" （", "（").replace("） ", "）") if language == "zh" else text


def is_leaf(node: Node) -> bool:
    """Whether a node is a name, not a computation."""
    return node.op in ("field", "me", "settings", "asked", "today", "now", "is_new")


@dataclass(frozen=True, slots=True)
class _Writer:
    labels: Labels
    which: int

    def phrase(self, node: Node) -> _Phrase:
        """The words of a tree and how tightly they hold together."""
        if node.op == "literal":
            return _Phrase(self._literal(node))
        if node.op == "aggregate":
            return self._aggregate(node)
        if node.op in ("field", "me", "settings", "asked"):
            return _Phrase(self.labels.field(node) or self._say("hidden"))
        if node.op in PHRASES:
            return _Phrase(self._say(node.op))
        if node.op == "rule":
            return _Phrase(self._say(str(node.value)))
        return self._operation(node)

    def _operation(self, node: Node) -> _Phrase:
        if self._is_hidden(node):
            return _Phrase(self._say("hidden"))
        if node.op == "N0" and is_leaf(node.args[0]):
            return self.phrase(node.args[0])
        if node.op == "NEGATE":
            return _Phrase(f"−{self._inside(node.args[0], ATOM)}", PRODUCT)
        if node.op in SIGNS:
            return self._signed(node)
        if node.op == "IFS":
            return self._cases(node.args, "in case", PROSE)
        if node.op == "SWITCH":
            return self._switch(node)
        pattern = PATTERNS.get(node.op)
        if pattern is None:
            return _Phrase(f"{node.op}{self._brackets(', '.join(self._all(node)))}")
        return self._filled(pattern[self.which], node)

    def _is_hidden(self, node: Node) -> bool:
        """What is written beside a name that the reader must not know would tell about it."""
        leaves = [arg for arg in node.args if arg.op in ("field", "settings", "me")]
        unknown = any(self.labels.field(arg) is None for arg in leaves)
        return unknown and any(arg.op == "literal" for arg in node.args)

    def _signed(self, node: Node) -> _Phrase:
        sign, power = SIGNS[node.op]
        word = sign or self._say(node.op.lower())
        args = node.args
        if node.op == "CONCAT":  # what is joined is a text anyhow
            args = tuple(arg.args[0] if arg.op == "TEXT" and len(arg.args) == 1 else arg for arg in args)
        texts = [self._beside(node, arg, power) for arg in args[:1]]
        tight = power if node.op in ("+", "*", "AND", "OR", "CONCAT") else power + 1
        texts += [self._beside(node, arg, tight) for arg in args[1:]]
        return _Phrase(f" {word} ".join(texts), power)

    def _beside(self, node: Node, arg: Node, power: int) -> str:
        """An argument; a literal compared with a choice is called by the option's label."""
        if arg.op == "literal" and node.op in COMPARED:
            for other in node.args:
                label = self._option(other, arg.value)
                if label is not None:
                    return label
        return self._inside(arg, power)

    def _option(self, field: Node, value: object) -> str | None:
        known = is_leaf(field) and field.type.kind in _OPTIONS and isinstance(value, str)
        return self.labels.option(field, value) if known else None

    def _inside(self, node: Node, power: int) -> str:
        found = self.phrase(node)
        return self._brackets(found.text) if found.power < power else found.text

    def _filled(self, pattern: str, node: Node) -> _Phrase:
        """A pattern with its holes filled; prose keeps other prose apart by brackets."""
        is_call = pattern.endswith((")", "）")) and node.op not in ("N0", "CLAMP")
        power = PROSE if is_call else {"IF": PROSE + 1, "NOT": COMPARISON}.get(node.op, ADDITION)
        texts = [self._beside(node, arg, power) for arg in node.args]
        if node.op == "DIVIDE":
            texts[1] = self._inside(node.args[1], PRODUCT + 1)
            texts[0] = self._inside(node.args[0], PRODUCT)
        text = pattern.replace("{all}", self._comma(texts)).replace("{rest}", self._comma(texts[1:]))
        text = text.replace("{bands}", self._bands(texts[1:]))
        for at, each in enumerate(texts):
            text = text.replace(f"{{{at}}}", each)
        own = {"IF": PROSE, "NOT": 3, "DIVIDE": PRODUCT, "ADDDAYS": ADDITION, "SUBTRACTDAYS": ADDITION}
        return _Phrase(text, own.get(node.op, ATOM if is_call or node.op == "N0" else COMPARISON))

    def _bands(self, texts: Sequence[str]) -> str:
        pattern = self._say("from")
        pairs = zip(texts[::2], texts[1::2], strict=False)
        return self._comma([pattern.replace("{0}", start).replace("{1}", value) for start, value in pairs])

    def _cases(self, args: Sequence[Node], word: str, power: int) -> _Phrase:
        texts = []
        for at in range(0, len(args) - 1, 2):
            pattern = self._say(word)
            shown = self._inside(args[at], power + 1), self._inside(args[at + 1], power + 1)
            texts.append(pattern.replace("{0}", shown[0]).replace("{1}", shown[1]))
        if len(args) % 2:
            texts.append(self._say("else").replace("{0}", self._inside(args[-1], power + 1)))
        return _Phrase(("；" if self.which else "; ").join(texts), power)

    def _switch(self, node: Node) -> _Phrase:
        """What is asked, and the cases when there are few and none is a computation."""
        asked, *cases = node.args
        keys = cases[: len(cases) // 2 * 2]
        if len(keys) > LISTED_CASES * 2 or any(arg.op == "aggregate" for arg in cases):
            return _Phrase(self._say("kept").replace("{0}", self._inside(asked, ATOM)))
        listed = [
            f"{self._beside(node, key, ADDITION)} → {self._inside(value, ADDITION)}"
            for key, value in zip(keys[::2], keys[1::2], strict=True)
        ]
        if len(cases) % 2:
            listed.append(self._say("else").replace("{0}", self._inside(cases[-1], ADDITION)))
        text = self._say("by case").replace("{cases}", ("；" if self.which else "; ").join(listed))
        return _Phrase(text.replace("{0}", self._inside(asked, ADDITION)), PROSE)

    def _aggregate(self, node: Node) -> _Phrase:
        source, where, operand, *more = node.args
        if isinstance(source.value, tuple) and source.value[:1] == (STAYS,):
            return self._stays(source, where)
        name = self.labels.rows(source)
        if name is None:
            return _Phrase(self._say("hidden"))
        inner = _Writer(self.labels.inside(source), self.which)
        rows = name if where.op == "literal" else f"{name}{inner._brackets(inner.phrase(where).text, gap=' ')}"
        kind = str(node.value)
        if kind in _LATER and operand.type.kind in ("date", "datetime"):
            kind = _LATER[kind]
        counted = kind == "COUNT" and operand.op != "literal"
        text = AGGREGATE_PATTERNS["COUNTDISTINCT" if counted else kind][self.which].replace("{rows}", rows)
        text = text.replace("不同", "非空").replace("different ", "") if counted else text
        text = text.replace("{of}", inner._quoted(operand))
        return _Phrase(text.replace("{more}", self.phrase(more[0]).text if more else ""), ADDITION)

    def _stays(self, source: Node, where: Node) -> _Phrase:
        """STAGE_DAYS: how long the record has been in some stages."""
        path = source.value[1:] if isinstance(source.value, tuple) else ()
        stage = Node("field", Type("stage"), value=path, depth=source.depth)
        if self.labels.field(stage) is None:
            return _Phrase(self._say("hidden"))
        named = [str(self.labels.option(stage, arg.value) or arg.value) for arg in where.args if arg.op == "literal"]
        return _Phrase(self._say("stays").replace("{0}", self._comma(named)), ADDITION)

    def _quoted(self, operand: Node) -> str:
        """What is aggregated: its name, or its computation in quotes."""
        text = self.phrase(operand).text
        return text if is_leaf(operand) or operand.type.kind == "boolean" else f"“{text}”"

    def _literal(self, node: Node) -> str:
        value = node.value
        if value is None:
            return self._say("null")
        if isinstance(value, bool):
            return self._say("true" if value else "false")
        if isinstance(value, Decimal):
            return f"{value:,f}"
        if isinstance(value, (date, datetime)):
            return value.isoformat()
        return f"“{value}”"

    def _all(self, node: Node) -> list[str]:
        return [self._beside(node, arg, PROSE) for arg in node.args]

    def _comma(self, texts: Sequence[str]) -> str:
        return ("，" if self.which else ", ").join(texts)

    def _brackets(self, text: str, gap: str = "") -> str:
        return f"（{text}）" if self.which else f"{gap}({text})"

    def _say(self, name: str) -> str:
        return PHRASES[name][self.which]
