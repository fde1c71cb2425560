"""A small form in memory: scopes, values and SQL leaves for the tests of expressions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from engine.catalog.work_days import CalendarRules, work_days
from engine.expressions import Expression, Moment, Scope, Symbol, Type, compile_expression

NOW = datetime(2024, 6, 15, 4, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")
CALENDAR = work_days(CalendarRules("CN"), 2024)
MOMENT = Moment(NOW, ZONE, me=7, calendar=CALENDAR)


@dataclass(frozen=True)
class Names:
    """A scope that knows the given symbols."""

    name: str
    symbols: Mapping[str, Symbol]
    stage_order: Sequence[str] = ()

    def find(self, name: str) -> Symbol | None:
        return self.symbols.get(name)

    def names(self) -> Iterable[str]:
        return self.symbols

    def label(self) -> str:
        return self.name

    def stages(self, path: tuple[str, ...], operator: str, stage: str) -> tuple[str, ...] | None:
        if stage not in self.stage_order:
            return None
        wanted = self.stage_order.index(stage)
        holds = {"=": int.__eq__, "<": int.__lt__, "<=": int.__le__, ">": int.__gt__, ">=": int.__ge__}[operator]
        return tuple(each for rank, each in enumerate(self.stage_order) if holds(rank, wanted))


@dataclass(frozen=True)
class Record:
    """Values by field id; links are nested records under their path, rows lists of records."""

    values: Mapping[str, object] = field(default_factory=dict)
    lines: Mapping[str, Sequence[Record]] = field(default_factory=dict)

    def value(self, path: tuple[str, ...]) -> object:
        return self.values.get(".".join(path))

    def rows(self, source: tuple[str, ...]) -> Sequence[Record]:
        return self.lines.get(".".join(source), ())


def fields(**types: Type | str) -> dict[str, Symbol]:
    return {name: Symbol(name, Type(each) if isinstance(each, str) else each) for name, each in types.items()}


def compiled(text: str, scope: Scope, want: str | None = None) -> Expression:
    return compile_expression(text, scope, want=want)
