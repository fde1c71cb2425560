"""Plays the scenarios that leave approvals behind on the rows of a demo company, each file once, at times gone by."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.problems import Problem
from engine.runtime.actors import SYSTEM
from engine.services.demo import KEYS, NOBODY, read_all_rows
from engine.services.flow.commands.timing import fire_timer
from engine.services.scenarios.acts import Playing
from engine.services.scenarios.names import Names
from engine.services.scenarios.reading import Scenario, read_demos
from engine.services.scenarios.stepping import Clock, Stepping
from engine.services.site import OpenCompany, Site
from engine.services.worker import Worker
from engine.storage.flow_timers import TIMER
from engine.storage.saved_views import fetch_preference, keep_preference

PLAYED = "demo_scenarios"
PERSON, DEPARTMENT = "people.person", "people.department"
_AGO = re.compile(r"(\d{1,3}) days?\Z")
AGO = 3  # days, when the file does not say


@dataclass
class PastClock(Clock):
    """The time of the scenario, which never passes the time that it is."""

    latest: datetime | None = None

    def __call__(self) -> datetime:
        """The instant."""
        return self.now if self.latest is None else min(self.now, self.latest)


def replay_demo(site: Site, company: OpenCompany, progress: Callable[[str, int], None]) -> tuple[Problem, ...]:
    """Play what has not been played before; what goes wrong is told, and not tried again."""
    demos = read_demos(site.files, company.id, tuple(company.catalog.apps))
    with company.reading(SYSTEM) as work:
        kept = fetch_preference(work.uow, NOBODY, PLAYED)
    done = list(kept) if isinstance(kept, list) else []
    fresh = [each for each in demos if each.path.name not in done]
    if not fresh:
        return ()
    with company.writing(SYSTEM, "demo") as work:
        keep_preference(work.uow, NOBODY, PLAYED, sorted({*done, *(each.path.name for each in fresh)}))
    names, clock = _known_names(site, company), company.clock
    problems: list[Problem] = []
    try:
        for scenario in fresh:
            problems += _play(site, company, scenario, names)
            progress(scenario.path.stem, len(scenario.cases))
    finally:
        company.clock = clock
    return tuple(problems)


def _play(site: Site, company: OpenCompany, scenario: Scenario, names: Names) -> Iterator[Problem]:
    """Every case of a file, one behind the other."""
    now = site.clock()
    found = _AGO.match(scenario.now)
    began = now - timedelta(days=int(found[1]) if found else AGO)
    worker = Worker(site, {TIMER: fire_timer}, (), company.id)
    for case in scenario.cases:
        clock = PastClock(began, now)
        company.clock = clock
        yield from Stepping(Playing(company, names.copy()), clock, worker).play((*scenario.steps, *case.steps))


def _known_names(site: Site, company: OpenCompany) -> Names:
    """The rows of the demo by their keys; a key that only one form has needs no form before it."""
    with company.reading(SYSTEM) as work:
        keys = fetch_preference(work.uow, NOBODY, KEYS)
    keys = keys if isinstance(keys, dict) else {}
    names = Names(company, dict(keys.get(PERSON, {})), dict(keys.get(DEPARTMENT, {})))
    rows = read_all_rows(site, company)
    people = rows[PERSON].cells if PERSON in rows else {}
    names.logins = {key: str(cells["login"]) for key, cells in people.items() if "login" in cells}
    short: dict[str, list[tuple[str, int]]] = {}
    for form, known in keys.items():
        for key, record in known.items():
            names.records[f"{form}/{key}"] = (form, record)
            short.setdefault(key, []).append((form, record))
    names.records.update({key: found[0] for key, found in short.items() if len(found) == 1})
    return names
