"""The site that is served: its companies, each with the definitions in force and its database."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path as File
from threading import Lock, RLock
from typing import Any, TypeVar

from engine.catalog.build import build_catalog
from engine.catalog.catalog import Catalog, Company
from engine.problems import NotVisible, Problem, ProblemsFound
from engine.runtime.access import AccessBook
from engine.runtime.actors import Actor
from engine.runtime.programs import ProgramBook
from engine.runtime.work import Work, start_work
from engine.services.addresses import Address, read_addresses
from engine.services.answers import Answers
from engine.services.flow.book import WorkflowBook
from engine.services.moments import moment_for
from engine.services.passwords import Passwords
from engine.source.layers import find_layers, find_pack
from engine.source.resolved import Resolved
from engine.source.site_files import ReadSite, read_site
from engine.source.tree import plain
from engine.storage.conflicts import duplicate_columns, is_deadlock, out_of_reach
from engine.storage.database import Connection, Database, DatabaseAddress, UnitOfWork, open_database, reopen_database
from engine.storage.pending import Pending, fetch_pending
from engine.storage.revisions import fetch_revision, fetch_revision_number
from engine.values import empty

__all__ = ["Actor", "OpenCompany", "Site", "now_utc", "open_site"]

LOOK_AGAIN = 1.0
TRIES = 7
PAUSES = (0.005, 0.05)  # seconds
T = TypeVar("T")


def now_utc() -> datetime:
    """The clock of a running site: UTC, whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True)
class State:
    """One state of a company's definitions, with everything worked out from it once."""

    revision: int
    catalog: Catalog
    database: Database
    programs: ProgramBook
    access: AccessBook
    flows: WorkflowBook
    pending: Mapping[str, Pending] = field(default_factory=empty)
    answers: Answers = field(default_factory=Answers)


@dataclass
class OpenCompany:
    """One company at work. `state` is replaced as a whole when another revision has been applied."""

    id: str
    files_root: File
    clock: Callable[[], datetime]
    demo: bool
    state: State
    passwords: Passwords
    _looked: float = 0.0
    _refused: int = 0  # a revision that this engine cannot serve; the one before goes on
    _lock: Lock = field(default_factory=Lock)
    _turn: RLock = field(default_factory=RLock)

    @property
    def catalog(self) -> Catalog:
        """The definitions in force."""
        return self.state.catalog

    @property
    def database(self) -> Database:
        """The database, opened with these definitions."""
        return self.state.database

    @property
    def flows(self) -> WorkflowBook:
        """The workflows, and those of earlier states that instances run on."""
        return self.state.flows

    @property
    def access(self) -> AccessBook:
        """The rights of every set of roles."""
        return self.state.access

    @contextmanager
    def reading(self, actor: Actor) -> Iterator[Work]:
        """A connection to read with, in the name of `actor`."""
        state = self.state
        with state.database.reading() as connection:
            yield self._work(state, connection, actor, "")

    @contextmanager
    def writing(self, actor: Actor, cause: str) -> Iterator[Work]:
        """One transaction in the name of `actor`: kept at the end, undone when anything is raised."""
        state = self.state
        with state.database.writing() as connection:
            yield self._work(state, connection, actor, cause)

    def same_work(self, work: Work, actor: Actor) -> Work:
        """The transaction of `work` seen with another actor's rights."""
        return start_work(work.uow, actor, moment_for(work.uow, actor), self.state.programs, self.state.access)

    def unit(self, connection: Connection, actor: Actor, cause: str) -> UnitOfWork:
        """A unit of work on an open connection, without the rights of `actor` being worked out."""
        return UnitOfWork(connection, self.database, self.catalog, self.clock(), actor.id, cause)

    def again(self, act: Callable[[], T]) -> T:
        """What `act` answers; two transactions in each other's way are tried again, a lost race is a V124.

        Those that are tried again take turns, so that they do not meet each other once more.
        """
        for attempt in range(TRIES):
            try:
                with self._turn if attempt else nullcontext():
                    return act()
            except Exception as error:
                columns = duplicate_columns(error)
                if columns is not None:
                    raise ProblemsFound([self._taken(columns)]) from error
                if not is_deadlock(error) or attempt == TRIES - 1:
                    raise
                time.sleep(random.uniform(*PAUSES))  # noqa: S311 - so that the two do not meet again at once
        raise AssertionError("the last attempt returns or raises")

    def refresh(self) -> None:
        """Take over another revision when one has been applied, looked for at most once a second."""
        if time.monotonic() - self._looked < LOOK_AGAIN:
            return
        with self._lock:
            self._looked = time.monotonic()
            with self.database.reading() as connection:
                number = fetch_revision_number(connection, self.database)
                if number not in (self.state.revision, self._refused):
                    self._take_over(connection, number)
                elif number:
                    self._look_at_pending(connection)

    def _look_at_pending(self, connection: Connection) -> None:
        """Learn which formulas of all records have been computed meanwhile."""
        pending = fetch_pending(connection, self.database)
        if pending != self.state.pending:
            self.state = replace(self.state, pending=pending, answers=Answers())

    def _take_over(self, connection: Connection, number: int) -> None:
        try:
            state = _read_state(connection, self.database)
        except ProblemsFound:
            self._refused = number
            return
        self.state = state if state is not None else self.state

    def reload(self) -> None:
        """Take over the revision applied just now."""
        self._looked = 0.0
        self.refresh()

    def _work(self, state: State, connection: Connection, actor: Actor, cause: str) -> Work:
        uow = UnitOfWork(connection, state.database, state.catalog, self.clock(), actor.id, cause)
        moment = moment_for(uow, actor)
        return start_work(uow, actor, moment, state.programs, state.access, state.pending)

    def _taken(self, columns: tuple[str, ...]) -> Problem:
        for form in self.catalog.forms.values():
            for unique in form.uniques:
                if set(columns) == {form.fields[name].column for name in unique.fields if name in form.fields}:
                    return Problem("V124", pointer=unique.fields[-1], text=unique.message)
        return Problem("V124", {"label": ", ".join(columns)})


@dataclass(frozen=True, slots=True)
class Closed:
    """Why a company could not be opened, and when that was tried."""

    problems: tuple[Problem, ...]
    looked: float


@dataclass
class Site:
    """A folder of definitions being served. `companies` are the ids the site names, applied or not."""

    root: File
    languages: tuple[str, ...]
    demo: bool
    companies: tuple[str, ...]
    clock: Callable[[], datetime]
    files: ReadSite
    database_url: str | None
    passwords: Passwords = field(default_factory=Passwords)
    addresses: Mapping[str, Address] = field(default_factory=empty)
    _open: dict[str, OpenCompany] = field(default_factory=dict)
    _closed: dict[str, Closed] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def company(self, company_id: str) -> OpenCompany:
        """A company that can be served; NotVisible for any other name."""
        if company_id not in self.companies:
            raise NotVisible(company_id)
        with self._lock:
            found = self._open.get(company_id) or self._try_to_open(company_id)
        if found is None:
            raise NotVisible(company_id)
        found.refresh()
        return found

    def served(self) -> tuple[OpenCompany, ...]:
        """The companies that can be served now; what keeps one back concerns no other."""
        with self._lock:
            found = [self._open.get(each) or self._try_to_open(each) for each in self.companies]
        return tuple(each for each in found if each is not None)

    def why_closed(self, company_id: str) -> tuple[Problem, ...]:
        """What keeps a company of the site from being served; nothing when it is served."""
        with self._lock:
            if self._open.get(company_id) or self._try_to_open(company_id):
                return ()
            return self._closed[company_id].problems

    def opened(self, company_id: str) -> OpenCompany | None:
        """The company if it is open already; a closed one is tried again when it is asked for next."""
        self._closed.pop(company_id, None)
        return self._open.get(company_id)

    def address(self, company_id: str) -> DatabaseAddress:
        """Where a company's records lie."""
        if self.database_url:
            return DatabaseAddress(url=self.database_url, schema=company_id)
        return DatabaseAddress(file=self.root / "var" / company_id / "data.db")

    def files_root(self, company_id: str) -> File:
        """Where a company's uploaded files lie."""
        return self.root / "var" / company_id / "files"

    def close(self) -> None:
        """Close every database."""
        for each in self._open.values():
            each.database.close()

    def _try_to_open(self, company_id: str) -> OpenCompany | None:
        """The company, or None: what is wrong is kept, and looked at again after a moment."""
        before = self._closed.get(company_id)
        if before is not None and time.monotonic() - before.looked < LOOK_AGAIN:
            return None
        try:
            found = self._open_company(company_id)
            problems: tuple[Problem, ...] = () if found is not None else (Problem("R119", {"company": company_id}),)
        except ProblemsFound as refused:
            found, problems = None, refused.problems
        except Exception as error:
            reason = out_of_reach(error)
            if reason is None:
                raise
            found, problems = None, (Problem("R120", {"company": company_id, "reason": reason}),)
        if found is None:
            self._closed[company_id] = Closed(problems, time.monotonic())
            return None
        self._closed.pop(company_id, None)
        self._open[company_id] = found
        return found

    def _open_company(self, company_id: str) -> OpenCompany | None:
        """The company with the definitions in force; None when none have been applied."""
        database = open_database(self.address(company_id), blank_catalog(company_id))
        try:
            with database.reading() as connection:
                state = _read_state(connection, database)
        except BaseException:
            database.close()
            raise
        if state is None:
            database.close()
            return None
        files_root = self.files_root(company_id)
        return OpenCompany(company_id, files_root, self.clock, self.demo, state, self.passwords, time.monotonic())


def open_site(root: File, *, clock: Callable[[], datetime] = now_utc, database_url: str | None = None) -> Site:
    """The site whose definitions lie in `root`; ProblemsFound when site.yaml is wrong.

    Nothing is applied or opened yet.
    """
    files = read_site(find_layers(root, find_pack(root)))
    if files.site is None:
        raise ProblemsFound(files.problems)
    settings: Any = plain(files.site.item)
    languages, companies = tuple(settings.get("languages", ("en", "zh"))), tuple(settings.get("companies", ()))
    addresses = read_addresses(settings.get("webhooks"))
    demo = bool(settings.get("demo"))
    return Site(root, languages, demo, companies, clock, files, database_url, addresses=addresses)


def blank_catalog(company_id: str) -> Catalog:
    """A catalog without forms: enough to open a database and read which definitions are in force."""
    company = Company(company_id, {"en": company_id}, "en", ("en",), "UTC", "", "monday", ())
    return Catalog(company, "", {}, {}, (), {})


def _read_state(connection: Connection, database: Database) -> State | None:
    """The revision in force, built; None when nothing has been applied yet."""
    revision = fetch_revision(connection, database)
    if revision is None:
        return None
    resolved = Resolved.from_json(revision.definitions)
    catalog = build_catalog(resolved)
    opened = reopen_database(database, catalog)
    state = build_state(revision.number, catalog, opened, resolved)
    return replace(state, pending=fetch_pending(connection, opened))


def build_state(revision: int, catalog: Catalog, database: Database, resolved: Resolved) -> State:
    """A state with empty books; they fill as records are read and written."""
    books = (ProgramBook(catalog), AccessBook(catalog), WorkflowBook(catalog, resolved))
    return State(revision, catalog, database, *books)
