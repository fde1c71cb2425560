"""Goes through the steps of a scenario: what people do, how time passes, what must have come of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from engine.problems import Conflict, NotAllowed, NotVisible, Problem, ProblemsFound
from engine.runtime.actors import SYSTEM
from engine.services.jobs import usual_handlers
from engine.services.scenarios.acts import Playing, read_act
from engine.services.scenarios.expecting import check_expected, find_named
from engine.services.worker import Handler, Worker
from engine.source.tree import Item
from engine.storage.outbox import WAITING, fetch_jobs

_AFTER = re.compile(r"(\d{1,4})\s*(minute|hour|day|workday)s?\Z")
_LENGTHS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
OUTSIDE = ("webhook",)  # jobs that would reach out of this machine: a scenario only looks at them
MOST_JOBS = 1000
UTC = ZoneInfo("UTC")


@dataclass
class Clock:
    """The time of the scenario."""

    now: datetime = field(default_factory=lambda: datetime(2026, 1, 5, 1, tzinfo=UTC))

    def __call__(self) -> datetime:
        """The instant."""
        return self.now


def scratch_handlers() -> Mapping[str, Handler]:
    """What becomes of each kind of job while a scenario is played: nothing leaves this machine."""
    return {**usual_handlers(), **dict.fromkeys(OUTSIDE, lambda running: None)}


@dataclass
class Stepping:
    """The company at play, the clock that the steps move, and who does what is due."""

    playing: Playing
    clock: Clock
    worker: Worker

    def play(self, steps: tuple[Item, ...]) -> Iterator[Problem]:
        """The problems of the first step that goes wrong."""
        for number, item in enumerate(steps):
            wanted = _wanted_error(steps[number + 1]) if number + 1 < len(steps) else None
            try:
                problems = list(self._one(item))
                if not problems and wanted is not None:
                    problems = [Problem("E105", {"expected": wanted.text}, item.place)]
            except (ProblemsFound, NotAllowed, NotVisible, Conflict) as error:
                found = refused(item, error)
                problems = [] if wanted is not None and wanted.text in str(found.values["reason"]) else [found]
            if problems:
                yield from problems
                return

    def _one(self, item: Item) -> Iterator[Problem]:
        words, entry = next(iter(item.map.items())) if item.map else (item.text, None)
        if words in ("after", "at") and entry is not None:
            self._pass_time(self._later(entry) if words == "after" else self._moment(entry))
        elif words == "expect" and entry is not None:
            if set(entry.map) != {"error"}:
                yield from check_expected(self.playing, entry)
        elif words == "find" and entry is not None:
            yield from find_named(self.playing, entry)
        else:
            at = entry.place if entry is not None else item.at
            self.playing.do(read_act(words, at, entry.map if entry is not None else {}))
            self.clock.now += timedelta(seconds=1)

    def _later(self, item: Item) -> datetime:
        """The instant so long from now."""
        found = _AFTER.match(item.text)
        if found is None:
            raise ProblemsFound([Problem("E102", {"text": f"after: {item.text}", "verbs": "2 workdays"}, item.at)])
        amount, unit = int(found[1]), found[2]
        if unit != "workday":
            return self.clock.now + _LENGTHS[unit] * amount
        with self.playing.company.reading(SYSTEM) as work:
            calendar, zone = work.moment.calendar, work.moment.zone
        then = self.clock.now
        while amount:
            then += timedelta(days=1)
            amount -= 1 if calendar is None or calendar.is_work(then.astimezone(zone).date()) else 0
        return then

    def _moment(self, item: Item) -> datetime:
        """`2026-03-05 10:00` in the company's time; time does not go back."""
        zone = ZoneInfo(self.playing.company.catalog.company.time_zone)
        try:
            found = datetime.fromisoformat(item.text).replace(tzinfo=zone).astimezone(UTC)
        except ValueError:
            found = None
        if found is None or found < self.clock.now:
            raise ProblemsFound([Problem("E102", {"text": f"at: {item.text}", "verbs": "2026-03-05 10:00"}, item.at)])
        return found

    def _pass_time(self, then: datetime) -> None:
        """Whatever is left for a moment until then is done at that moment, as if a worker had run all along."""
        while (due := self._next_due(then)) is not None:
            self.clock.now = max(self.clock.now, due)
            self.worker.run_due()
        self.clock.now = then
        self.worker.run_due()

    def _next_due(self, until: datetime) -> datetime | None:
        with self.playing.company.reading(SYSTEM) as work:
            waiting = fetch_jobs(work.uow, (WAITING,), MOST_JOBS)
        moments = [each.due_at for each in waiting if each.kind in self.worker.handlers and each.due_at <= until]
        return min(moments, default=None)


def refused(item: Item, error: Exception) -> Problem:
    """A refusal with the step at which it came, in words and with its codes."""
    entry = next(iter(item.map.values())) if len(item.map) == 1 else item
    problems = error.problems if isinstance(error, ProblemsFound) else ()
    if isinstance(error, (NotAllowed, Conflict)):
        problems = (error.problem,)
    if isinstance(error, NotVisible):
        return Problem("E103", {"reason": "404"}, entry.place)
    own = [each for each in problems if each.code.startswith("E")]
    if own:
        told = f"[{own[0].code}] {own[0].message()}"
        return replace(own[0], values={"reason": told, **own[0].values}, at=own[0].at or entry.place)
    reason = "; ".join(f"[{each.code}] {each.pointer} {each.message()}".replace("  ", " ") for each in problems)
    return Problem("E103", {"reason": reason}, entry.place)


def _wanted_error(item: Item) -> Item | None:
    entry = item.map.get("expect")
    return entry.map.get("error") if entry is not None else None
