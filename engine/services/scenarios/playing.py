"""Plays scenarios: each on a copy of its company's empty database, with a clock that the scenario moves."""

from __future__ import annotations

import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.problems import Conflict, NotAllowed, NotVisible, Problem, ProblemsFound
from engine.runtime.actors import SYSTEM
from engine.services import records, setup
from engine.services.flow.book import WorkflowBook
from engine.services.jobs import usual_handlers
from engine.services.scenarios.acts import Playing, read_act
from engine.services.scenarios.expecting import check_expected, find_named
from engine.services.scenarios.names import Names
from engine.services.scenarios.reading import Case, Scenario
from engine.services.site import OpenCompany, Site
from engine.services.worker import Worker
from engine.source.tree import Item
from engine.storage.database import DatabaseAddress

_AFTER = re.compile(r"(\d{1,4})\s*(minute|hour|day|workday)s?\Z")
_LENGTHS = {"minute": timedelta(minutes=1), "hour": timedelta(hours=1), "day": timedelta(days=1)}
PERSON, DEPARTMENT = "people.person", "people.department"


@dataclass(frozen=True, slots=True)
class Played:
    """How one case went: nothing in `problems` when it is as told."""

    scenario: Scenario
    case: Case
    problems: tuple[Problem, ...]
    seconds: float


@dataclass
class Clock:
    """The time of the scenario."""

    now: datetime = field(default_factory=lambda: datetime(2026, 1, 5, 1, tzinfo=ZoneInfo("UTC")))

    def __call__(self) -> datetime:
        """The instant."""
        return self.now


@dataclass
class ScratchSite(Site):
    """A site whose databases lie in a folder of their own."""

    folder: Path = Path()

    def address(self, company_id: str) -> DatabaseAddress:
        """A file of the folder."""
        return DatabaseAddress(file=self.folder / company_id / "data.db")

    def files_root(self, company_id: str) -> Path:
        """Uploads of the scenarios."""
        return self.folder / company_id / "files"


def play_all(site: Site, scenarios: list[Scenario]) -> Iterator[Played]:
    """Every case in turn."""
    with tempfile.TemporaryDirectory(prefix="weft-test-") as folder:
        clock = Clock()
        kept = {each.name: getattr(site, each.name) for each in fields(Site) if each.init and each.name[0] != "_"}
        scratch = ScratchSite(**{**kept, "clock": clock, "database_url": None, "folder": Path(folder)})
        try:
            for scenario in sorted(scenarios, key=lambda each: (each.company, each.path)):
                yield from Stage(scratch, clock, scenario).play()
        finally:
            scratch.close()


@dataclass
class Stage:
    """One scenario at play."""

    site: ScratchSite
    clock: Clock
    scenario: Scenario

    def play(self) -> Iterator[Played]:
        """Each case, from the same beginning."""
        started = time.monotonic()
        try:
            company = self._opened()
            names = self._begin(company)
        except ProblemsFound as found:
            for case in self.scenario.cases:
                yield Played(self.scenario, case, found.problems, time.monotonic() - started)
            return
        began, base = self.clock.now, self.site.folder / company.id / f"{self.scenario.path.stem}.given"
        company.database.close()
        shutil.copyfile(self._file(company), base)
        for case in self.scenario.cases:
            started = time.monotonic()
            self.clock.now = began
            self._restore(company, base)
            problems = tuple(self._play(company, names.copy(), case))
            yield Played(self.scenario, case, problems, time.monotonic() - started)
        self._restore(company, self._empty(company))

    def _opened(self) -> OpenCompany:
        """The company as it is with nothing in it; built once."""
        opened = self.site.opened(self.scenario.company)
        if opened is not None:
            return opened
        self.clock.now = Clock().now
        setup.apply_company(self.site, self.scenario.company)
        company = self.site.company(self.scenario.company)
        company.database.close()
        shutil.copyfile(self._file(company), self._empty(company))
        return company

    def _empty(self, company: OpenCompany) -> Path:
        return self.site.folder / company.id / "empty"

    def _file(self, company: OpenCompany) -> Path:
        return self.site.folder / company.id / "data.db"

    def _restore(self, company: OpenCompany, base: Path) -> None:
        company.database.close()
        for ending in ("-wal", "-shm"):
            self._file(company).with_name(f"data.db{ending}").unlink(missing_ok=True)
        shutil.copyfile(base, self._file(company))
        state = company.state
        # which definition an instance runs on is known by a number that another copy gives to another definition
        company.state = replace(state, flows=WorkflowBook(state.catalog, state.flows.resolved))

    def _begin(self, company: OpenCompany) -> Names:
        """What is given, and the steps that all cases share."""
        zone = ZoneInfo(company.catalog.company.time_zone)
        self.clock.now = datetime.fromisoformat(self.scenario.now).replace(tzinfo=zone).astimezone(ZoneInfo("UTC"))
        names = Names(company)
        for name, item in self.scenario.given["departments"].items():
            self._add(names, DEPARTMENT, names.departments, name, item, ("head", "parent"))
        for name, item in self.scenario.given["people"].items():
            self._add(names, PERSON, names.people, name, item, ("superior",))
        for form, kind, later, ids in (
            (DEPARTMENT, "departments", ("head", "parent"), names.departments),
            (PERSON, "people", ("superior",), names.people),
        ):
            definition = company.catalog.forms[form]
            for name, item in self.scenario.given[kind].items():
                cells = {key: entry for key, entry in item.map.items() if key in later}
                if cells:
                    records.save_record(company, SYSTEM, form, ids[name], names.wire(definition, cells))
        for name, item in self.scenario.given["records"].items():
            form = item.map["form"].text
            if form not in company.catalog.forms:
                raise ProblemsFound([Problem("E101", {"name": form}, item.map["form"].at)])
            cells = {key: entry for key, entry in item.map.items() if key != "form"}
            names.records[name] = (form, self._save(names, form, cells, item, {}))
        problems = tuple(self._steps(Playing(company, names), self.scenario.steps))
        if problems:
            raise ProblemsFound(problems)
        return names

    def _add(self, names: Names, form: str, ids: dict[str, int], name: str, item: Item, later: tuple[str, ...]) -> None:
        cells = {key: entry for key, entry in item.map.items() if key not in (*later, "role")}
        more: dict[str, object] = {} if "name" in cells else {"name": name}
        if form == PERSON:
            role = item.map.get("role")
            more |= {"login": name, "active": True} | ({"roles": [role.text]} if role is not None else {})
        ids[name] = self._save(names, form, cells, item, more)

    def _save(self, names: Names, form: str, cells: dict[str, Item], item: Item, more: dict[str, object]) -> int:
        try:
            values = {**more, **names.wire(names.company.catalog.forms[form], cells)}
            return records.save_record(names.company, SYSTEM, form, None, values).id or 0
        except ProblemsFound as found:
            raise ProblemsFound([refused(item, found)]) from found

    def _play(self, company: OpenCompany, names: Names, case: Case) -> Iterator[Problem]:
        yield from self._steps(Playing(company, names), case.steps)

    def _steps(self, playing: Playing, steps: tuple[Item, ...]) -> Iterator[Problem]:
        """The problems of the first step that goes wrong."""
        for number, item in enumerate(steps):
            wanted = _wanted_error(steps[number + 1]) if number + 1 < len(steps) else None
            try:
                problems = list(self._one(playing, item))
                if not problems and wanted is not None:
                    problems = [Problem("E105", {"expected": wanted.text}, item.place)]
            except (ProblemsFound, NotAllowed, NotVisible, Conflict) as error:
                found = refused(item, error)
                problems = [] if wanted is not None and wanted.text in str(found.values["reason"]) else [found]
            if problems:
                yield from problems
                return

    def _one(self, playing: Playing, item: Item) -> Iterator[Problem]:
        words, entry = next(iter(item.map.items())) if item.map else (item.text, None)
        if words == "after" and entry is not None:
            self._wait(playing.company, entry)
        elif words == "expect" and entry is not None:
            if set(entry.map) != {"error"}:
                yield from check_expected(playing, entry)
        elif words == "find" and entry is not None:
            yield from find_named(playing, entry)
        else:
            at = entry.place if entry is not None else item.at
            playing.do(read_act(words, at, entry.map if entry is not None else {}))
            self.clock.now += timedelta(seconds=1)

    def _wait(self, company: OpenCompany, item: Item) -> None:
        found = _AFTER.match(item.text)
        if found is None:
            raise ProblemsFound([Problem("E102", {"text": f"after: {item.text}", "verbs": "2 workdays"}, item.at)])
        amount, unit = int(found[1]), found[2]
        if unit != "workday":
            self.clock.now += _LENGTHS[unit] * amount
        while unit == "workday" and amount:
            self.clock.now += timedelta(days=1)
            with company.reading(SYSTEM) as work:
                calendar = work.moment.calendar
                amount -= 1 if calendar is None or calendar.is_work(work.moment.today) else 0
        Worker(self.site, usual_handlers(), (), company.id).run_due()


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
        return replace(own[0], values={"reason": own[0].message(), **own[0].values}, at=own[0].at or entry.place)
    reason = "; ".join(f"[{each.code}] {each.pointer} {each.message()}".replace("  ", " ") for each in problems)
    return Problem("E103", {"reason": reason}, entry.place)


def _wanted_error(item: Item) -> Item | None:
    entry = item.map.get("expect")
    return entry.map.get("error") if entry is not None else None
