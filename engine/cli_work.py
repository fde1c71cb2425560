"""The commands for what happens without anybody looking: work, tidy."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click

from engine.cli_told import site_option, told_plainly
from engine.services.files import drop_unused
from engine.services.jobs import build_worker
from engine.services.site import open_site
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


COMMANDS: tuple[click.Command, ...] = (work, tidy)
