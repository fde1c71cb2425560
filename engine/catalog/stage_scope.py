"""What stands behind the dot of a stage or a choice, and which stages a comparison means."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal

from engine.catalog.forms import Field
from engine.catalog.names import ENTERED
from engine.catalog.stages import Stage, StageSet
from engine.expressions.nodes import Node, Path, Symbol, Type
from engine.values import empty

_TEXT, _WHOLE, _DATE, _DATETIME = Type("text"), Type("number", 0), Type("date"), Type("datetime")
_BOOLEAN = Type("boolean")
_NULL = Node("literal", Type("null"))


class StageScope:
    """`stage.probability .outcome .stands_for .rank .entered .days .stale`."""

    def __init__(self, field: Field, sets: Sequence[StageSet], kinds: Mapping[str, str] = empty()) -> None:
        self.field = field
        self.sets = sets
        self.kinds = kinds  # the types of the form's fields, by id

    def find(self, name: str) -> Symbol | None:
        """The property as a SWITCH over the stages, or on the moment of entering."""
        entered = Node("field", _DATETIME, value=(f"{self.field.id}{ENTERED}",))
        if name == "entered":
            return Symbol(name, _DATETIME, node=entered)
        if name == "days":
            days = Node("DAYS", _WHOLE, (Node("today", _DATE), Node("TODATE", _DATE, (entered,))))
            return Symbol(name, _WHOLE, node=days)
        if name == "stale":
            return Symbol(name, _BOOLEAN, node=self._stale(entered))
        known: dict[str, tuple[Type, Callable[[Stage], object]]] = {
            "probability": (Type("number", 4), lambda stage: stage.probability),
            "outcome": (_TEXT, lambda stage: stage.outcome),
            "stands_for": (_TEXT, lambda stage: stage.stands_for or stage.id),
            "rank": (_WHOLE, lambda stage: Decimal(stage.rank)),
        }
        if name not in known:
            return None
        type_, of_stage = known[name]
        stages = {stage.id: stage for each in reversed(self.sets) for stage in each.stages.values()}
        pairs = {stage.id: of_stage(stage) for stage in stages.values()}
        return Symbol(name, type_, node=switch(self.field, Type("stage", options=tuple(stages)), pairs, type_))

    def _stale(self, entered: Node) -> Node:
        """The record stands longer than its stage allows; counted from the stage's own field where it is filled."""
        stages = {stage.id: stage for each in reversed(self.sets) for stage in each.stages.values()}
        here = Node("field", Type("stage", options=tuple(stages)), value=(self.field.id,))
        found = []
        for stage in stages.values():
            if stage.stale_after is not None:
                days = Node("DAYS", _WHOLE, (Node("today", _DATE), _since(stage, self.kinds, entered)))
                allowed = Node("literal", _WHOLE, value=Decimal(stage.stale_after))
                there = Node("=", _BOOLEAN, (here, Node("literal", _TEXT, value=stage.id)))
                found.append(Node("AND", _BOOLEAN, (there, Node(">", _BOOLEAN, (days, allowed)))))
        if len(found) < 2:
            return found[0] if found else Node("literal", _BOOLEAN, value=False)
        return Node("OR", _BOOLEAN, tuple(found))

    def names(self) -> Iterable[str]:
        """The properties."""
        return ("probability", "outcome", "stands_for", "rank", "entered", "days", "stale")

    def label(self) -> str:
        """The field's name."""
        return self.field.id

    def stages(self, path: Path, operator: str, stage: str) -> tuple[str, ...] | None:
        """None: nothing behind the dot of a stage is a stage."""
        return None


def _since(stage: Stage, kinds: Mapping[str, str], entered: Node) -> Node:
    """The day from which the stage counts."""
    entered_on = Node("TODATE", _DATE, (entered,))
    kind = kinds.get(stage.stale_since or "")
    if kind not in ("date", "datetime"):
        return entered_on  # none is named, or its reader may not see it
    since = Node("field", _DATE if kind == "date" else _DATETIME, value=(stage.stale_since,))
    if kind == "datetime":
        since = Node("TODATE", _DATE, (since,))
    return Node("COALESCE", _DATE, (since, entered_on))


class OptionScope:
    """`level.value`: the number an option carries."""

    def __init__(self, field: Field, type_: Type) -> None:
        self.field = field
        self.type = type_

    def find(self, name: str) -> Symbol | None:
        """`value` as a SWITCH over the options."""
        if name != "value":
            return None
        pairs = {choice.id: choice.value for choice in self.field.choices if choice.value is not None}
        places = max(
            (-int(value.as_tuple().exponent) for value in pairs.values() if isinstance(value, Decimal)), default=0
        )
        type_ = Type("number", max(0, places))
        return Symbol(name, type_, node=switch(self.field, self.type, pairs, type_))

    def names(self) -> Iterable[str]:
        """Only `value`."""
        return ("value",)

    def label(self) -> str:
        """The field's name."""
        return self.field.id

    def stages(self, path: Path, operator: str, stage: str) -> tuple[str, ...] | None:
        """None: an option is no stage."""
        return None


def switch(field: Field, field_type: Type, pairs: dict[str, object], type_: Type) -> Node:
    """SWITCH(field, key, value, …): the value of the key the field holds, null when it holds none of them."""
    args = [Node("field", field_type, value=(field.id,))]
    for key, value in pairs.items():
        args.append(Node("literal", _TEXT, value=key))
        args.append(Node("literal", type_, value=value) if value is not None else _NULL)
    return Node("SWITCH", type_, tuple(args)) if len(args) > 1 else _NULL


def stage_ids(sets: Sequence[StageSet], operator: str, name: str) -> tuple[str, ...] | None:
    """The stages of all sets for which `stage <operator> name` holds; None when no set knows the name.

    A set knows it by id, else by `stands_for`. Ends that were not reached (lost, void, cancelled) have no order.
    """
    found = False
    ids: dict[str, None] = {}
    for each in sets:
        meant = _meant(each, name)
        if not meant:
            continue
        found = True
        ids.update(dict.fromkeys(stage.id for stage in each.stages.values() if _holds(stage, operator, meant)))
    return tuple(ids) if found else None


def _meant(stages: StageSet, name: str) -> list[Stage]:
    by_id = stages.stages.get(name)
    return [by_id] if by_id else [stage for stage in stages.stages.values() if stage.stands_for == name]


def _holds(stage: Stage, operator: str, meant: list[Stage]) -> bool:
    if operator in ("=", "=="):
        return stage in meant
    if operator in ("<>", "!="):
        return stage not in meant
    if not _ordered(stage) or not all(_ordered(each) for each in meant):
        return False
    low, high = min(each.rank for each in meant), max(each.rank for each in meant)
    compared = {"<": stage.rank < low, "<=": stage.rank <= high, ">": stage.rank > high, ">=": stage.rank >= low}
    return compared.get(operator, False)


def _ordered(stage: Stage) -> bool:
    return stage.outcome in ("open", "won", "done")
