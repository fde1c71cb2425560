"""The clock, zone and person of one request, with what formulas may read of the person and of the settings form."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from engine.catalog.catalog import Catalog
from engine.expressions.nodes import Moment as Moment
from engine.expressions.nodes import Path as Path
from engine.expressions.nodes import Values
from engine.runtime.actors import Actor
from engine.storage.calendar import calendar_at


@dataclass
class LazyValues:
    """Values of one record that are fetched when a formula first asks for them; known ones cost nothing."""

    fetch: Callable[[Path], object]
    known: dict[Path, object] = field(default_factory=dict)

    def value(self, path: Path) -> object:
        """The value at `path`, read once."""
        if path not in self.known:
            self.known[path] = self.fetch(path)
        return self.known[path]

    def rows(self, source: Path) -> Sequence[Values]:
        """Nothing: rows below the person or the settings are not read by formulas of other records."""
        return ()


@dataclass(frozen=True, slots=True)
class Calendar:
    """The company's work days, worked out when a formula first asks for one."""

    catalog: Catalog
    now: datetime

    def is_work(self, day: date) -> bool | None:
        """Whether `day` is a work day; None when it is not known."""
        known = calendar_at(self.catalog, self.now)
        return None if known is None else known.is_work(day)

    def position(self, day: date) -> int | None:
        """How many work days there are up to `day`; None when it is not known."""
        known = calendar_at(self.catalog, self.now)
        return None if known is None else known.position(day)

    def day_at(self, position: int) -> date | None:
        """The work day with that position; None outside the calendar."""
        known = calendar_at(self.catalog, self.now)
        return None if known is None else known.day_at(position)


def build_moment(
    catalog: Catalog, actor: Actor, now: datetime, person: Callable[[Path], object], settings: Callable[[Path], object]
) -> Moment:
    """The moment of one request; `person` and `settings` read a path below them when it is needed."""
    known: dict[Path, object] = {
        ("id",): actor.person,
        ("name",): actor.name or None,
        ("login",): actor.login or None,
        ("department",): actor.department,
        ("roles",): tuple(sorted(actor.roles)),
    }
    return Moment(
        now=now,
        zone=ZoneInfo(catalog.company.time_zone),
        me=None if actor.system else actor.person,
        me_values=LazyValues(lambda path: None if actor.system else person(path), {} if actor.system else known),
        settings=LazyValues(settings),
        calendar=Calendar(catalog, now),
    )
