"""A form with links, stages, people and access words, as the catalog would offer it."""

from __future__ import annotations

from decimal import Decimal

from engine.expressions import Node, Symbol, Type
from tests.expressions.surroundings import Names, fields

STAGES = ("need", "quote", "won")
BOOLEAN, TEXT, PERCENT = Type("boolean"), Type("text"), Type("number", 4)
STAGE = Type("stage", options=STAGES)


def by_stage(type_: Type, values: dict[str, object]) -> Node:
    """SWITCH(stage, 'need', …) as a stage's properties are."""
    args = [Node("field", STAGE, value=("stage",))]
    for stage, value in values.items():
        args += [Node("literal", TEXT, value=stage), Node("literal", type_, value=value)]
    return Node("SWITCH", type_, tuple(args))


PROBABILITY = by_stage(PERCENT, {"need": Decimal("0.1"), "quote": Decimal("0.5"), "won": Decimal(1)})
OUTCOME = by_stage(TEXT, {"need": "open", "quote": "open", "won": "won"})
STAGE_NAMES = Names(
    "stage",
    {"probability": Symbol("probability", PERCENT, node=PROBABILITY), "outcome": Symbol("outcome", TEXT, node=OUTCOME)},
)

DEPARTMENT = Names("people.department", fields(name="text"))
PERSON = Names(
    "people.person",
    fields(name="text", roles=Type("choices", options=("seller", "boss")))
    | {"department": Symbol("department", Type("department"), DEPARTMENT)},
)


def link(name: str, form: str, scope: Names) -> dict[str, Symbol]:
    return {name: Symbol(name, Type("link", form=form), scope)}


LINES = Names("sample.deal.lines", fields(amount=Type("number", 2), price=Type("number", 2), kind="text"))
GROUP = Names("sample.group", fields(name="text", level=Type("choice", options=("A", "B"))))
PARTNER = Names(
    "sample.partner",
    fields(name="text", level=Type("choice", options=("A", "B")))
    | link("group", "sample.group", GROUP)
    | {
        "stage": Symbol("stage", STAGE, STAGE_NAMES),
        "visits": Symbol("visits", Type("rows", form="sample.visit"), LINES),
    },
    STAGES,
)
WORDS = {
    "own": Symbol("own", BOOLEAN, node=Node("rule", BOOLEAN, value="own")),
    "never": Symbol("never", BOOLEAN, node=Node("literal", BOOLEAN, value=False)),
}
DEAL = Names(
    "sample.deal",
    fields(
        id=Type("number", 0), amount=Type("number", 2), cost=Type("number", 2), name="text", due="date",
        created_at="datetime", open="boolean", tags=Type("choices", options=("x", "y")),
        level=Type("choice", options=("A", "B")),
    )
    | link("partner", "sample.partner", PARTNER)
    | {
        "owner": Symbol("owner", Type("person"), PERSON),
        "me": Symbol("me", Type("person"), PERSON),
        "stage": Symbol("stage", STAGE, STAGE_NAMES),
        "lines": Symbol("lines", Type("rows", form="sample.deal.lines"), LINES),
    },
    STAGES,
)  # fmt: skip
DEAL_ACCESS = Names("sample.deal", {**DEAL.symbols, **WORDS}, STAGES)
