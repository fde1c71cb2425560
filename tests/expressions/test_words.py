"""Expressions as sentences, in two languages; what a reader must not know is not named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pytest

from engine.expressions import compile_expression
from engine.expressions.nodes import Node, Path, Symbol, Type
from engine.expressions.operations import AGGREGATES, OPERATIONS
from engine.expressions.words import to_words
from engine.expressions.words_table import AGGREGATE_PATTERNS, PATTERNS, PHRASES, SIGNS

NUMBER, TEXT = Type("number", 2), Type("text")


@dataclass(frozen=True)
class Names:
    """A scope of a few fields; `kind` is a choice, `lines` are rows."""

    symbols: Mapping[str, Symbol] = field(default_factory=dict)

    def find(self, name: str) -> Symbol | None:
        return self.symbols.get(name)

    def names(self) -> Iterable[str]:
        return tuple(self.symbols)

    def label(self) -> str:
        return "test.thing"

    def stages(self, path: Path, operator: str, stage: str) -> tuple[str, ...] | None:
        return None


def names(*fields: Symbol) -> Names:
    return Names({each.id: each for each in fields})


ROW = names(Symbol("price", NUMBER), Symbol("kind", Type("choice", options=("a", "b"))), Symbol("on", Type("date")))
THING = names(
    *(Symbol(name, NUMBER) for name in ("amount", "paid", "rate", "secret")),
    Symbol("name", TEXT),
    Symbol("due", Type("date")),
    Symbol("kind", Type("choice", options=("a", "b"))),
    Symbol("lines", Type("rows", form="test.thing.lines"), ROW),
)
LABELS = {
    "amount": ("Amount", "金额"),
    "paid": ("Paid", "已付"),
    "rate": ("Rate", "比例"),
    "name": ("Name", "名称"),
    "due": ("Due", "到期日"),
    "kind": ("Kind", "类型"),
    "lines": ("Lines", "明细"),
    "price": ("Price", "单价"),
    "on": ("Day", "日期"),
}


@dataclass(frozen=True)
class Labels:
    """The labels of a reader who may not know of `secret`."""

    language: str

    def field(self, node: Node) -> str | None:
        found = LABELS.get(node.value[-1])  # type: ignore[index]
        return found and found[int(self.language == "zh")]

    rows = field

    def inside(self, source: Node) -> Labels:
        return self

    def option(self, node: Node, value: object) -> str | None:
        return {"a": ("Alpha", "甲"), "b": ("Beta", "乙")}.get(str(value), ("", ""))[int(self.language == "zh")] or None


def words(text: str, language: str) -> str:
    return to_words(compile_expression(text, THING).node, Labels(language), language)


@pytest.mark.parametrize(
    ("text", "english", "chinese"),
    [
        ("amount - paid", "Amount − Paid", "金额 − 已付"),
        ("amount - (paid + 1)", "Amount − (Paid + 1)", "金额 −（已付 + 1）"),
        ("(amount + paid) * rate", "(Amount + Paid) × Rate", "（金额 + 已付）× 比例"),
        ("DIVIDE(amount - paid, amount, NULL)", "(Amount − Paid) ÷ Amount", "（金额 − 已付）÷ 金额"),
        ("ROUND(amount * rate, 2)", "round (Amount × Rate, 2 places)", "四舍五入（金额 × 比例，保留 2 位）"),
        ("N0(amount) + paid", "Amount + Paid", "金额 + 已付"),
        ("-amount", "−Amount", "−金额"),
        ("due + 30", "Due + 30 days", "到期日 + 30 天"),
        ("DAYS(TODAY(), due)", "days (Due to today)", "相差天数（到期日 至 今天）"),
        ("kind = 'a'", "Kind = Alpha", "类型 = 甲"),
        ("kind in ['a', 'b']", "Kind is one of Alpha, Beta", "类型 属于 甲，乙"),
        ("amount > 100000 and not (paid > 0)", "Amount > 100,000 and not Paid > 0", "金额 > 100,000 且 并非 已付 > 0"),
        ("IF(amount > 5, paid, rate)", "if Amount > 5 then Paid, otherwise Rate", "若 金额 > 5 则 已付，否则 比例"),
        ("IFS(rate <= 5%, 1.1, 0.8)", "if Rate ≤ 0.05 then 1.1; otherwise 0.8", "比例 ≤ 0.05 时为 1.1；否则 0.8"),
        ("SWITCH(kind, 'a', 1, 'b', 2)", "depending on Kind: Alpha → 1; Beta → 2", "按类型取值：甲 → 1；乙 → 2"),
        ("TIERSUM(amount, 0, 1%, 100, 2%)", "progressive sum (Amount: from 0: 0.01, from 100: 0.02)", None),
        ("SUM(lines.price)", "sum of Price over Lines", "明细的单价之和"),
        ("SUM(lines[kind = 'a'].price)", "sum of Price over Lines (Kind = Alpha)", "明细（类型 = 甲）的单价之和"),
        ("SUM(lines, price * 2)", "sum of “Price × 2” over Lines", "明细的“单价 × 2”之和"),
        ("COUNT(lines[price > 3])", "number of Lines (Price > 3)", "明细（单价 > 3）的条数"),
        ("MAX(lines.on)", "latest Day of Lines", "明细的最晚日期"),
        ("MIN(lines.price) * 2", "(smallest Price of Lines) × 2", "（明细的单价最小值）× 2"),
        ("ANY(lines, price > 3)", "any of Lines meets: Price > 3", "明细中有满足“单价 > 3”的"),
        ("name & '-' & amount", "Name & “-” & Amount", "名称 & “-” & 金额"),
        ("amount + secret", "Amount + something not available to you", "金额 + 您无权查看的内容"),
        ("IF(secret > 0.8, amount, 0)", None, "若 您无权查看的内容 则 金额，否则 0"),
    ],
)
def test_expressions_read_as_sentences(text: str, english: str | None, chinese: str | None) -> None:
    if english is not None:
        assert words(text, "en") == english
    if chinese is not None:
        assert words(text, "zh") == chinese


def test_what_is_written_beside_an_unknown_field_is_not_told() -> None:
    said = words("secret * 0.37 + IF(secret > 42, 1, 2)", "en")
    assert "0.37" not in said
    assert "42" not in said


def test_every_operation_has_words_in_both_languages() -> None:
    spoken = {*PATTERNS, *SIGNS, "IFS", "SWITCH", "NEGATE"}
    assert {name for name in OPERATIONS if name not in spoken} == set()
    assert {name for name in AGGREGATES - {"LOOKUP", "SUMPRODUCT"} if name not in AGGREGATE_PATTERNS} == set()
    for table in (PATTERNS, AGGREGATE_PATTERNS, PHRASES):
        for name, (english, chinese) in table.items():
            assert holes(english) == holes(chinese), name


def holes(pattern: str) -> set[str]:
    return {part.split("}")[0] for part in pattern.split("{")[1:]}
