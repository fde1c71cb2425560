"""The commands for what happens without anybody looking: work, tidy, verify."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from engine.cli_told import site_option, told_plainly
from engine.services import verifying
from engine.services.files import drop_unused
from engine.services.jobs import build_worker
from engine.services.site import OpenCompany, open_site
from engine.services.worker import Done, Worker, drop_old_jobs, list_jobs

_company_option = click.option("--company", "company_id", help="Only this company.")


@click.command()
@site_option
@_company_option
@click.option("--once", is_flag=True, help="Do what is due now, say so, and end; exit code 1 when jobs are dead.")
def work(root: Path, company_id: str | None, *, once: bool) -> None:
    """Do what was left for later: long computations, daily values, search texts. `weft run` does it too."""
    with told_plainly(root):
        site = open_site(root)
        if company_id is not None:
            site.company(company_id)
        worker = build_worker(site, company_id)
        if once:
            done = worker.run_due()
            for each in done:
                _tell(worker, each)
            sys.exit(1 if any(each.dead for each in done) else 0)
        click.echo("working  (stop with Ctrl+C)")
        with _stopped_by_signals(worker):
            worker.serve()


def _tell(worker: Worker, done: Done) -> None:
    click.echo(f"{done.company}: {done.done} jobs done, {done.failed} failed, {done.dead} dead")
    if done.dead:
        for job in list_jobs(worker.site.company(done.company), ("dead",)):
            click.echo(f"  dead: {job.id} {job.kind} since {job.created_at:%Y-%m-%d %H:%M}: {job.error}", err=True)


@contextmanager
def _stopped_by_signals(worker: Worker) -> Iterator[None]:
    """Ctrl+C and the signal of a stopping system let the batch at hand end."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        worker.stop()

    before = {each: signal.signal(each, stop) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@click.command()
@site_option
@_company_option
def tidy(root: Path, company_id: str | None) -> None:
    """Drop uploads that no record took and jobs done long ago, and do the jobs that are due."""
    with told_plainly(root):
        site = open_site(root)
        for company in (site.company(company_id),) if company_id else site.served():
            files, jobs = drop_unused(company), drop_old_jobs(company)
            done = sum(each.done for each in build_worker(site, company.id).run_due())
            click.echo(f"{company.id}: {files} unused files dropped, {jobs} old jobs forgotten, {done} jobs done")


@click.command()
@site_option
@_company_option
@click.option("--fix", is_flag=True, help="Repair what is wrong, and note it in the records' history.")
@click.argument("forms", nargs=-1)
def verify(root: Path, company_id: str | None, forms: tuple[str, ...], *, fix: bool) -> None:
    """Compute every stored formula (of FORMS) anew and say where another value is stored; exit code 1 if any is left.

    Frozen records keep their values: they are told, but count as right.
    """
    left = 0
    with told_plainly(root):
        site = open_site(root)
        for company in (site.company(company_id),) if company_id else site.served():
            known = tuple(each for each in forms if company_id or each in company.catalog.forms)
            if forms and not known:
                continue
            found = verifying.verify(company, known, fix=fix, tell=progress)
            _tell_verified(company, found)
            left += len(found.wrong) - found.repaired
    sys.exit(1 if left else 0)


def _tell_verified(company: OpenCompany, found: verifying.Verified) -> None:
    for each in found.wrong:
        what = "repaired" if found.repaired else "wrong"
        click.echo(f"{company.id}: {what}: {_difference(each)}")
    for each in found.frozen:
        click.echo(f"{company.id}: frozen, kept: {_difference(each)}")
    click.echo(
        f"{company.id}: {found.looked:,} values compared, {len(found.wrong):,} wrong, {found.repaired:,} repaired, "
        f"{len(found.frozen):,} kept by frozen records, {found.waiting:,} waiting to be computed"
    )


def _difference(each: verifying.Differing) -> str:
    return f"{each.form} {each.id} {each.field}: stored {_shown(each.stored)}, right {_shown(each.right)}"


def _shown(value: object) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_shown(each) for each in value) + "]"
    return "nothing" if value is None else str(value)


def progress(done: int, total: int) -> None:
    """How far a long command is, where somebody looks."""
    if sys.stderr.isatty():
        click.echo(f"\r{done:,} of {total:,}", nl=done >= total, err=True)


COMMANDS: tuple[click.Command, ...] = (work, tidy, verify)
