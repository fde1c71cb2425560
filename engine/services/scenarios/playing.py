"""Plays scenarios: each on a copy of its company's empty database, with a clock that the scenario moves."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.problems import Problem, ProblemsFound
from engine.runtime.actors import SYSTEM
from engine.services import records, setup
from engine.services.flow.book import WorkflowBook
from engine.services.scenarios.acts import Playing
from engine.services.scenarios.names import Names
from engine.services.scenarios.reading import Case, Scenario
from engine.services.scenarios.stepping import Clock, Stepping, refused, scratch_handlers
from engine.services.site import OpenCompany, Site
from engine.services.worker import Worker
from engine.source.tree import Item
from engine.storage.database import DatabaseAddress

FIRST = "2026-03-02 09:00"  # a Monday
PERSON, DEPARTMENT = "people.person", "people.department"


@dataclass(frozen=True, slots=True)
class Played:
    """How one case went: nothing in `problems` when it is as told."""

    scenario: Scenario
    case: Case
    problems: tuple[Problem, ...]
    seconds: float


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
        except ProblemsFound as found:
            yield from self._none(found, started)
            return
        try:
            names = self._begin(company)
        except ProblemsFound as found:
            yield from self._none(found, started)
            self._restore(company, self._empty(company))
            return
        began, base = self.clock.now, self.site.folder / company.id / f"{self.scenario.path.stem}.given"
        company.database.close()
        shutil.copyfile(self._file(company), base)
        for case in self.scenario.cases:
            started = time.monotonic()
            self.clock.now = began
            self._restore(company, base)
            problems = tuple(self._steps(company, names.copy(), case.steps))
            yield Played(self.scenario, case, problems, time.monotonic() - started)
        self._restore(company, self._empty(company))

    def _none(self, found: ProblemsFound, started: float) -> Iterator[Played]:
        """No case can be played."""
        for case in self.scenario.cases:
            yield Played(self.scenario, case, found.problems, time.monotonic() - started)

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

    def _steps(self, company: OpenCompany, names: Names, steps: tuple[Item, ...]) -> Iterator[Problem]:
        worker = Worker(self.site, scratch_handlers(), (), company.id)
        return Stepping(Playing(company, names), self.clock, worker).play(steps)

    def _begin(self, company: OpenCompany) -> Names:
        """What is given, and the steps that all cases share."""
        zone = ZoneInfo(company.catalog.company.time_zone)
        began = datetime.fromisoformat(self.scenario.now or FIRST).replace(tzinfo=zone)
        self.clock.now = began.astimezone(ZoneInfo("UTC"))
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
        problems = tuple(self._steps(company, names, self.scenario.steps))
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
