"""Grows random well-typed expressions. What is fixed by a signature is taken from the table of operations, so that an
operation added there is tried at once; what needs more than a signature is written out here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from random import Random

from engine.expressions.nodes import Type
from engine.expressions.operations import HIDDEN, OPERATIONS, Operation
from tests.fuzz.pieces import Piece

Part = str | Sequence[str]
"""The kind of a part, or texts to choose one of."""
Rule = tuple[str, tuple[Part, ...]]

SIGNS = ("=", "<>", "<", "<=", ">", ">=")
KINDS = ("number", "number", "text", "text", "boolean", "boolean", "date", "date", "datetime", "duration")
PLACES = ("0", "1", "2", "4", "-1", "-2", "12")
COUNTS = ("0", "1", "2", "3", "-1", "1.5")
NUMBER_FORMATS = ('"0"', '"0.00"', '"#,##0.00"', '"#,##0"', '"0%"', '"0.00%"')
DATE_FORMATS = ('"YYYY-MM"', '"YYYY年MM月DD日"', '"DD.MM.YYYY"', '"MM/DD"')
TIME_FORMATS = ('"HH:mm"', '"YYYY-MM-DD HH:mm:ss"', '"HH时mm分"')

LITERALS: Mapping[str, tuple[str, ...]] = {
    "number": ("0", "1", "-2", "1.5", "0.005", "100", "NULL", "12%", "123456789012345678"),
    "text": ('"x"', '"客"', '"😀"', '""', "NULL", '"a"', '"-"'),
    "boolean": ("TRUE", "FALSE"),
    # NULL alone would leave open whether `x - NULL` is a date or a number of days
    "date": ("TODAY()", "DATE(2024, 2, 29)", "DATE(2023, 12, 31)", "IF(FALSE, TODAY(), NULL)"),
    "datetime": ("NOW()", "IF(FALSE, NOW(), NULL)"),
    "duration": ("IF(FALSE, (NOW() - NOW()), NULL)", "(NOW() - NOW())"),
}
FIELDS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "": {
        "number": ("a", "b", "c", "i", "w", "r", "zero", "home.size", "home.up.size"),
        "text": ("t", "u", "home.name", "away.up.name", "who.name"),
        "boolean": ("p", "q", "home.good"),
        "date": ("d", "e", "home.since"),
        "datetime": ("m", "n", "away.opened"),
        "duration": ("span",),
    },
    "lines": {
        "number": ("qty", "price", "this.a", "place.size"),
        "text": ("name", "this.t", "place.name", "place.up.name"),
        "boolean": ("fine", "place.good", "this.p"),
        "date": ("day", "this.d"),
        "datetime": ("at", "this.m"),
        "duration": ("this.span",),
    },
    "visits": {
        "number": ("cost", "share", "this.b", "place.size"),
        "text": ("note", "this.u", "place.name"),
        "boolean": ("fine", "this.q"),
        "date": ("day", "this.e"),
        "datetime": ("at", "this.n"),
        "duration": ("this.span",),
    },
}
ROWS = ("lines", "visits")

# Where a part is written "@kind", it stands in the rows that "{0}" names.
ROW_RULES: Mapping[str, tuple[Rule, ...]] = {
    "number": (
        ("SUM({0}, {1})", ("rows", "@number")),
        ("SUM({0}[{1}], {2})", ("rows", "@boolean", "@number")),
        ("AVG({0}[{1}], {2})", ("rows", "@boolean", "@number")),
        ("MIN({0}, {1})", ("rows", "@number")),
        ("MAX({0}[{1}], {2})", ("rows", "@boolean", "@number")),
        ("COUNT({0})", ("rows",)),
        ("COUNT({0}[{1}])", ("rows", "@boolean")),
        ("COUNT({0}, {1})", ("rows", "@text")),
        ("COUNTDISTINCT({0}, {1})", ("rows", "@text")),
        ("COUNTDISTINCT({0}, {1})", ("rows", "@number")),
        ("MEDIAN({0}, {1})", ("rows", "@number")),
        ("RANK({0}, {1}, {2})", ("rows", "@number", ("a", "c", "(i + 1)", "home.size"))),
        ("FIRST({0}, {1}, {2})", ("rows", "@number", "@number")),
        ("LAST({0}, {1})", ("rows", "@number")),
        ("LOOKUP({0}, {1}, {2})", ("rows", "@boolean", "@number")),
        ("SUMPRODUCT(lines.qty, lines.price)", ()),
    ),
    "text": (
        ("JOIN({0}, {1})", ("rows", "@text")),
        ("JOIN({0}[{1}], {2}, {3})", ("rows", "@boolean", "@text", ('"，"', '"-"', '""'))),
        ("MIN({0}, {1})", ("rows", "@text")),
        ("MAX({0}[{1}], {2})", ("rows", "@boolean", "@text")),
        ("FIRST({0}, {1}, {2})", ("rows", "@text", "@number")),
        ("LAST({0}, {1}, {2})", ("rows", "@text", "@date")),
        ("FIRST({0}[{1}], {2})", ("rows", "@boolean", "@text")),
    ),
    "boolean": (
        ("ANY({0}, {1})", ("rows", "@boolean")),
        ("ALL({0}, {1})", ("rows", "@boolean")),
        ("ALL({0}[{1}], {2})", ("rows", "@boolean", "@boolean")),
        ("FIRST({0}, {1})", ("rows", "@boolean")),
    ),
    "date": (
        ("MIN({0}, {1})", ("rows", "@date")),
        ("MAX({0}[{1}], {2})", ("rows", "@boolean", "@date")),
        ("LAST({0}, {1}, {2})", ("rows", "@date", "@date")),
    ),
    "datetime": (("MAX({0}, {1})", ("rows", "@datetime")), ("MIN({0}, {1})", ("rows", "@datetime"))),
    "duration": (),
}
RULES: Mapping[str, tuple[Rule, ...]] = {
    "number": (
        *((f"({{0}} {sign} {{1}})", ("number", "number")) for sign in "++--**//"),
        ("-{0}", ("number",)),
        ("({0} - {1})", ("date", "date")),
        ("POWER({0}, {1})", ("number", ("0", "1", "2", "3"))),
        ("DIVIDE({0}, {1}, {2})", ("number", "number", "number")),
        ("TIER({0}, {1}, {2}, {3}, {4})", ("number", "number", "number", "number", "number")),
        ("TIERSUM({0}, 0, 1%, 10, 2.5%, 100000, 3%)", ("number",)),
        ("SWITCH({0}, {1}, {2}, {3})", ("text", "text", "number", "number")),
        ('SWITCH(kind, "x", {0}, "y", {1})', ("number", "number")),
        ("COUNT({0}, {1}, {2})", ("number", "text", "date")),
        ("SUM({0}, {1}, {2})", ("number", "number", "number")),
        ("MEDIAN({0}, {1}, {2})", ("number", "number", "number")),
        ("VALUE({0})", ("text",)),
        ("VALUE(TEXT({0}))", ("number",)),
        ("COUNTOF(tags)", ()),
    ),
    "text": (
        ("({0} & {1})", ("text", "number")),
        ("({0} & {1} & {2})", ("text", "boolean", "date")),
        ("({0} & {1})", ("datetime", "text")),
        ("(kind & {0})", ("text",)),
        ("TEXT({0})", ("number",)),
        ("TEXT({0})", ("datetime",)),
        ("TEXT({0}, {1})", ("number", NUMBER_FORMATS)),
        ("TEXT({0}, {1})", ("date", DATE_FORMATS)),
        ("TEXT({0}, {1})", ("datetime", TIME_FORMATS)),
        ("SWITCH({0}, {1}, {2}, {3}, {4}, {5})", ("number", "number", "text", "number", "text", "text")),
        ("LPAD({0}, {1}, {2})", ("text", ("0", "3", "8"), ('"0"', '"客"', '"😀x"'))),
    ),
    "boolean": (
        *(("({0} {1} {2})", (kind, SIGNS, kind)) for kind in ("number", "text", "date", "datetime", "duration")),
        ("({0} = {1})", ("boolean", "boolean")),
        ("({0} <> {1})", ("boolean", "boolean")),
        ("({0} and {1})", ("boolean", "boolean")),
        ("({0} or {1})", ("boolean", "boolean")),
        ("(not {0})", ("boolean",)),
        ("({0} in [{1}, {2}])", ("number", "number", "number")),
        ("({0} in [{1}, {2}])", ("text", "text", "text")),
        ("({0} in [{1}, {2}])", ("date", "date", "date")),
        ('(kind in ["x", "z"])', ()),
        ("(kind {0} {1})", (("=", "<>"), ('"x"', "home.kind", "NULL"))),
        ("CONTAINS(kind, {0})", ("text",)),
        ("ISEMPTY({0})", ("date",)),
        ("ISEMPTY({0})", ("text",)),
        ("ISEMPTY({0})", ("number",)),
        ("HAS(tags, {0})", (('"x"', '"y"', "kind"),)),
        ('HASANY(tags, "x", "z")', ()),
        ('HASALL(tags, "x", "z")', ()),
        ("ISEMPTY(tags)", ()),
        ("(who = {0})", (("CURRENT_USER()", "NULL"),)),
        ("(home = {0})", (("away", "home.up", "NULL"),)),
    ),
    "date": (
        ("({0} + {1})", ("date", "number")),
        ("({0} - {1})", ("date", "number")),
        ("DATEADD({0}, {1}, {2})", ("date", "number", ('"D"', '"W"', '"M"', '"Y"'))),
        ("DATEVALUE(TEXT({0}))", ("date",)),
        ("DATE({0}, {1}, {2})", (("2023", "2024", "i", "1900"), ("2", "12", "i", "0"), ("29", "31", "i", "1"))),
    ),
    "datetime": (
        ("({0} + {1})", ("datetime", "duration")),
        ("({0} - {1})", ("datetime", "duration")),
        ("DATEADD({0}, {1}, {2})", ("datetime", "number", ('"D"', '"W"', '"M"', '"Y"', '"h"', '"m"'))),
        ("DATETIME({0}, {1}, {2}, 0)", ("date", ("0", "2", "1", "23", "i"), ("0", "30", "59"))),
    ),
    "duration": (
        ("({0} - {1})", ("datetime", "datetime")),
        ("({0} + {1})", ("duration", "duration")),
        ("({0} - {1})", ("duration", "duration")),
    ),
}
_CODES: Mapping[str, Part] = {
    "number": "number", "text": "text", "boolean": "boolean", "date": "date", "datetime": "datetime",
    "duration": "duration", "places": PLACES, "repeats": ("0", "1", "3"),
}  # fmt: skip
WRITTEN_OUT = frozenset(
    {"DATE", "VALUE", "TEXT", "LPAD", "POWER", "TIER", "TIERSUM", "COUNT", "CONCAT", "COUNTOF", "ISEMPTY"}
)


@cache
def rules(kind: str) -> tuple[Rule, ...]:
    """Every rule for a kind, those of the table of operations among them."""
    found: list[Rule] = [
        *RULES[kind],
        ("IF({0}, {1}, {2})", ("boolean", kind, kind)),
        ("IFS({0}, {1}, {2}, {3})", ("boolean", kind, "boolean", kind)),
        ("COALESCE({0}, {1})", (kind, kind)),
    ]
    if kind != "boolean":
        found += [(f"{name}({{0}}, {{1}})", (kind, kind)) for name in ("MIN", "MAX")]
    for operation in OPERATIONS.values():
        rule = _of_table(operation)
        if rule is not None and _kind(operation) == kind:
            found.append(rule)
    return tuple(found)


def _kind(operation: Operation) -> str:
    if isinstance(operation.result, Type):
        return operation.result.kind
    return operation.signature.split(" ")[0].rstrip("*?")


def _of_table(operation: Operation) -> Rule | None:
    if operation.name in HIDDEN or operation.name in WRITTEN_OUT or not operation.signature:
        return None
    parts: list[Part] = []
    for code in operation.signature.split():
        word = code.rstrip("*?")
        if word.startswith("words:"):
            parts.append([f'"{each}"' for each in word.removeprefix("words:").split("|")])
        elif word not in _CODES:
            return None
        else:
            parts += [_CODES[word]] * (2 if code.endswith("*") else 1)
    return f"{operation.name}({', '.join(f'{{{at}}}' for at in range(len(parts)))})", tuple(parts)


class Grower:
    """Grows expressions by chance; at most two aggregates within each other."""

    def __init__(self, chance: Random) -> None:
        self.chance = chance

    def expression(self) -> Piece:
        """One expression of any kind."""
        return self.piece(self.chance.choice(KINDS), self.chance.randint(1, 4))

    def piece(self, kind: str, depth: int, place: str = "") -> Piece:
        """A piece of a kind, at most so deep, in the record ("") or in its rows."""
        chance = self.chance
        if depth <= 0:
            return self._leaf(kind, place)
        if not place and chance.random() < 0.15 and ROW_RULES[kind]:
            return self._aggregate(kind, depth)
        text, parts = chance.choice(rules(kind))
        if place and ("tags" in text or "kind" in text or "who" in text or "home" in text):
            return self._leaf(kind, place)
        return Piece(text, kind, tuple(self._part(part, depth - 1, place) for part in parts), place)

    def _part(self, part: Part, depth: int, place: str) -> Piece:
        if isinstance(part, str):
            deeper = depth if self.chance.random() < 0.7 else 0
            return self.piece(part, deeper, place)
        return self._fixed(self.chance.choice(part), place)

    def _fixed(self, text: str, place: str) -> Piece:
        return Piece(text if not place or text.strip('"') not in ("i", "kind") else "1", "fixed", place=place)

    def _leaf(self, kind: str, place: str) -> Piece:
        known = FIELDS[place].get(kind, ())
        if known and self.chance.random() < 0.75:
            return Piece(self.chance.choice(known), kind, place=place)
        return Piece(self.chance.choice(LITERALS[kind]), kind, place=place)

    def _aggregate(self, kind: str, depth: int) -> Piece:
        text, parts = self.chance.choice(ROW_RULES[kind])
        place = self.chance.choice(ROWS)
        found: list[Piece] = []
        for part in parts:
            if part == "rows":
                found.append(Piece(place, "rows"))
            elif isinstance(part, str) and part.startswith("@"):
                found.append(self.piece(part[1:], min(depth - 1, 2), place))
            else:
                found.append(self._part(part, depth - 1, ""))
        return Piece(text, kind, tuple(found))
