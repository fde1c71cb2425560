"""Brings a company's database to its definitions, and a fresh company to its first day."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from engine.catalog.build import build_catalog
from engine.catalog.catalog import Catalog
from engine.problems import NotVisible, Problem, ProblemsFound
from engine.runtime.access import AccessBook
from engine.runtime.actors import SYSTEM
from engine.runtime.programs import ProgramBook
from engine.runtime.work import Work, start_work
from engine.services.backfill import backfill, compute_steps, formulas_to_compute
from engine.services.demo import load_demo
from engine.services.flow.pinned import refused_approvals
from engine.services.moments import moment_for
from engine.services.removed_stages import move_records, refused_stages, stage_steps
from engine.services.scenarios.replaying import replay_demo
from engine.services.search_rewriting import forms_to_rewrite, rewrite_forms
from engine.services.site import OpenCompany, Site
from engine.source.resolve import lay_over
from engine.source.resolved import Resolved
from engine.storage.calendar import refresh_calendar
from engine.storage.database import Database, UnitOfWork, open_database
from engine.storage.removed_stages import fetch_removed, rename_stages, rename_tasks
from engine.storage.revisions import Revision, fetch_revision, store_revision
from engine.storage.saved_views import fetch_preference, keep_preference
from engine.storage.schema_apply import apply_plan, bring_functions
from engine.storage.schema_plan import Plan, Step, plan_schema
from engine.storage.sessions import count_passwords

NOBODY = 0
SETUP_TOKEN = "setup_token"  # noqa: S105 - the name of a setting


@dataclass(frozen=True, slots=True)
class Applied:
    """The revision in force after an apply, and the schema steps taken (none when nothing had changed)."""

    revision: int
    steps: tuple[Step, ...]


def resolve_company(site: Site, company_id: str) -> tuple[Resolved, Catalog]:
    """The definitions in the files, checked; ProblemsFound with all that is wrong."""
    if company_id not in site.companies:
        raise NotVisible(company_id)
    resolved = lay_over(site.files, company_id)
    return resolved, build_catalog(resolved)


def plan_company(site: Site, company_id: str) -> Plan:
    """What applying the files would do; nothing is changed."""
    resolved, catalog = resolve_company(site, company_id)
    database = open_database(site.address(company_id), catalog)
    try:
        keys = formulas_to_compute(_catalog_before(_revision_before(database)), catalog)
        with database.reading() as connection:
            plan = plan_schema(connection, catalog, database.tables)
            removed = fetch_removed(connection, database, catalog)
            refused = refused_approvals(connection, database, resolved, catalog)
        steps = (*plan.steps, *stage_steps(removed), *compute_steps(catalog, keys))
        return replace(plan, steps=steps, refused=(*plan.refused, *refused_stages(removed), *refused))
    finally:
        database.close()


def apply_company(site: Site, company_id: str) -> Applied:
    """Make the files' definitions those in force, in one transaction; ProblemsFound when a step is refused."""
    resolved, catalog = resolve_company(site, company_id)
    database = open_database(site.address(company_id), catalog)
    try:
        applied = _apply(site, database, resolved, catalog)
    finally:
        database.close()
    opened = site.opened(company_id)
    if opened is not None:
        opened.reload()
    return applied


def _apply(site: Site, database: Database, resolved: Resolved, catalog: Catalog) -> Applied:
    before = _revision_before(database)
    if before is not None and before.digest == resolved.digest:
        return Applied(before.number, _bring_up(site, database, catalog))
    with database.writing() as connection:
        uow = UnitOfWork(connection, database, catalog, site.clock(), SYSTEM.id, "apply")
        plan = plan_schema(connection, catalog, database.tables)
        removed = fetch_removed(connection, database, catalog)
        pinned = refused_approvals(connection, database, resolved, catalog)
        if refused := (*refused_stages(removed), *pinned):
            raise ProblemsFound([*plan.refused, *refused])
        apply_plan(uow, plan)
        refresh_calendar(uow)
        rename_stages(uow)
        rename_tasks(uow)
        known = _catalog_before(before)
        keys = formulas_to_compute(known, catalog)
        backfill(_system_work(uow), keys)
        move_records(_system_work(uow), removed)
        rewrite_forms(_system_work(uow), forms_to_rewrite(known, catalog))
        steps = (*plan.changes, *stage_steps(removed), *compute_steps(catalog, keys))
        words = [step.words.get("en", "") for step in steps]
        return Applied(store_revision(uow, resolved.digest, resolved.to_json(), words), steps)


def _bring_up(site: Site, database: Database, catalog: Catalog) -> tuple[Step, ...]:
    """Give a database whose definitions are the same what a newer engine keeps beside them."""
    bring_functions(database)
    with database.reading() as connection:
        plan = plan_schema(connection, catalog, database.tables)
    if plan.changes:
        with database.writing() as connection:
            uow = UnitOfWork(connection, database, catalog, site.clock(), SYSTEM.id, "apply")
            apply_plan(uow, plan)
            refresh_calendar(uow)
    return plan.changes


def _revision_before(database: Database) -> Revision | None:
    """The revision in force; read on its own: a missing table would end a transaction that wants to go on."""
    with database.reading() as connection:
        return fetch_revision(connection, database)


def _catalog_before(revision: Revision | None) -> Catalog | None:
    return None if revision is None else build_catalog(Resolved.from_json(revision.definitions))


def _system_work(uow: UnitOfWork) -> Work:
    """The work of the system with definitions that are not in force yet."""
    return start_work(uow, SYSTEM, moment_for(uow, SYSTEM), ProgramBook(uow.catalog), AccessBook(uow.catalog))


def setup_link_token(company: OpenCompany) -> str | None:
    """A one-time token for the first account; None once somebody has a password. Only its hash is kept."""
    with company.writing(SYSTEM, "setup") as work:
        if count_passwords(work.uow):
            return None
        token = secrets.token_urlsafe(32)
        keep_preference(work.uow, NOBODY, SETUP_TOKEN, hashlib.sha256(token.encode()).hexdigest())
        return token


def is_setup_token(company: OpenCompany, token: str) -> bool:
    """Whether the first account may be made with this token."""
    with company.reading(SYSTEM) as work:
        kept = fetch_preference(work.uow, NOBODY, SETUP_TOKEN)
        given = hashlib.sha256(token.encode()).hexdigest()
        return isinstance(kept, str) and secrets.compare_digest(kept, given) and not count_passwords(work.uow)


def prepare_demo(site: Site, company_id: str, progress: Callable[[str, int], None]) -> tuple[Problem, ...]:
    """Apply the definitions, load the rows that come along and play what leaves approvals behind, each once; problems
    of what could not be loaded or played.
    """
    applied = apply_company(site, company_id)
    if applied.steps:
        progress("schema", len(applied.steps))
    company = site.company(company_id)
    return (*load_demo(site, company, progress), *replay_demo(site, company, progress))
