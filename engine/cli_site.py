"""The commands that open a site: run, user, import, export, plan, apply, and those of cli_work."""

from __future__ import annotations

import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from types import FrameType
from typing import BinaryIO

import click
import waitress

from engine.cli_told import show_problems, site_option, told_plainly
from engine.cli_work import COMMANDS as WORK_COMMANDS
from engine.problems import NotVisible, ProblemsFound
from engine.services import exchange, people, setup
from engine.services.files import drop_unused
from engine.services.jobs import build_worker
from engine.services.site import OpenCompany, Site, open_site
from engine.services.views_of_records import ListRequest
from engine.services.worker import Worker
from engine.web.app import create_app

company_option = click.option("--company", "company_id", required=True, help="Id of the company.")
_TOLD = 5  # problems of one company; weft check tells all
password_option = click.password_option("--password", prompt="Password")


@click.command()
@site_option
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(1, 65535))
@click.option("--threads", default=8, show_default=True, type=click.IntRange(1, 64))
@click.option("--name", "names", multiple=True, help="Host name that browsers use; may be given several times.")
@click.option("--https", is_flag=True, help="Browsers come through HTTPS (a proxy in front ends it).")
@click.option("--insecure-local", is_flag=True, help="Listen beyond this machine although there is no HTTPS.")
@click.option("--debug", is_flag=True, help="Flask's own server, which starts again when code changes.")
def run(
    root: Path,
    host: str,
    port: int,
    threads: int,
    names: tuple[str, ...],
    *,
    https: bool,
    insecure_local: bool,
    debug: bool,
) -> None:
    """Serve the site."""
    with told_plainly(root):
        site = open_site(root)
        _refuse_open_doors(site, host, safe=https or insecure_local)
        for company_id in site.companies:
            _get_ready(site, company_id)
        _tell_closed(site)
        for company in site.served():
            drop_unused(company)
        app = create_app(site, hosts=names, https=https)
        worker = build_worker(site)
    click.echo(f"Weftwork is at http://{host}:{port}/  (stop with Ctrl+C)")
    for company_id, token in _first_starts(site):
        click.echo(f"  first administrator of {company_id}: http://{host}:{port}/{company_id}/set-up?token={token}")
    with _at_work(worker):
        if debug:
            app.config["TEMPLATES_AUTO_RELOAD"] = True
            app.run(host, port, use_reloader=True, threaded=True)
        else:
            # Waiting for a free thread is ordinary; it would be said for every burst of requests.
            logging.getLogger("waitress.queue").setLevel(logging.ERROR)
            # A save waits for the interpreter after each of its statements: beside threads that compute, not for long.
            sys.setswitchinterval(0.0005)
            waitress.serve(app, host=host, port=port, threads=threads, ident="", _quiet=True)


@contextmanager
def _at_work(worker: Worker) -> Iterator[None]:
    """One thread does the jobs while the site is served; a signal to stop ends the server and lets the batch end."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)
    worker.start()
    try:
        yield
    finally:
        worker.stop()


def _refuse_open_doors(site: Site, host: str, *, safe: bool) -> None:
    """Other machines get in only through HTTPS, and never into a site where one click signs in."""
    local = host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)
    if local:
        return
    if site.demo:
        raise click.ClickException("A demo site signs anybody in with one click, so it listens on this machine only.")
    if not safe:
        raise click.ClickException("Put HTTPS in front and say --https, or --insecure-local in a network you trust.")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _get_ready(site: Site, company_id: str) -> None:
    """A demo company gets its tables and rows; elsewhere differing files are announced, not served.

    What is wrong in one company's files stops nobody: it goes on with what was applied before.
    """
    if any(problem.code == "R120" for problem in site.why_closed(company_id)):
        return
    try:
        if site.demo:
            left_out = setup.prepare_demo(site, company_id, partial(_tell_progress, company_id))
            show_problems(site.root, left_out)
            return
        steps = len(setup.plan_company(site, company_id).changes)
    except ProblemsFound as found:
        click.echo(f"{company_id}: its definition files are not applied, see weft check", err=True)
        show_problems(site.root, found.problems[:_TOLD])
        return
    except NotVisible:
        return
    if steps:
        click.echo(f"{company_id}: the files differ from what is served ({steps} steps); see weft plan", err=True)


def _tell_closed(site: Site) -> None:
    """Which companies are not served, and why; the others are."""
    for company_id in site.companies:
        problems = site.why_closed(company_id)
        if problems:
            click.echo(f"{company_id}: not served", err=True)
            show_problems(site.root, problems[:_TOLD])


def _tell_progress(company_id: str, text: str, count: int) -> None:
    click.echo(f"  {company_id}: {text} {count:,}")


def _first_starts(site: Site) -> Iterator[tuple[str, str]]:
    if site.demo:
        return
    for company in site.served():
        token = setup.setup_link_token(company)
        if token is not None:
            yield company.id, token


@click.group()
def user() -> None:
    """Manage the people who sign in."""


@user.command("add")
@site_option
@company_option
@click.argument("login")
@click.option("--name", default="", help="The name others see; left out: the login.")
@click.option("--role", "roles", multiple=True, help="A role of the company, or administrator; may be repeated.")
@click.option("--email")
@password_option
def add_user(
    root: Path, company_id: str, login: str, name: str, roles: tuple[str, ...], email: str | None, password: str
) -> None:
    """Add the person LOGIN."""
    with told_plainly(root):
        company = _company(root, company_id)
        people.add_person(company, login=login, name=name or login, roles=roles, email=email, password=password)
    click.echo(f"{login} can sign in at /{company_id}/sign-in")


@user.command("password")
@site_option
@company_option
@click.argument("login")
@password_option
def change_password(root: Path, company_id: str, login: str, password: str) -> None:
    """Give LOGIN another password and end the sessions of that person."""
    with told_plainly(root):
        people.set_password(_company(root, company_id), login, password)
    click.echo(f"{login} has a new password")


@user.command("list")
@site_option
@company_option
def list_users(root: Path, company_id: str) -> None:
    """List the people of a company."""
    with told_plainly(root):
        for login, name, roles, active in people.list_people(_company(root, company_id)):
            state = "" if active else "  (not active)"
            click.echo(f"{login or '-':24} {name:24} {', '.join(roles)}{state}")


@click.command("import")
@site_option
@company_option
@click.argument("mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_rows(root: Path, company_id: str, mapping: Path) -> None:
    """Import rows as the file MAPPING says; running it again changes nothing."""
    with told_plainly(root):
        company = _company(root, company_id)
        report = exchange.import_file(company, people.SYSTEM, mapping.resolve(), progress=_progress)
    click.echo(
        f"{report.created} created, {report.updated} updated, {report.unchanged} unchanged, {report.refused} refused"
    )
    if report.refused:
        click.echo(f"refused rows and why: {report.error_file}", err=True)
        sys.exit(1)


def _progress(done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{done} of {total}", nl=done >= total, err=True)


@click.command("export")
@site_option
@company_option
@click.argument("form_id")
@click.option("--where", help="Only records for which this expression holds.")
@click.option("--format", "kind", default="csv", show_default=True, type=click.Choice(["csv", "xlsx", "json"]))
@click.option("--as", "login", help="See what this person sees; left out: everything.")
@click.option("-o", "--output", type=click.File("wb"), default="-", help="Left out: what is exported is printed.")
def export(
    root: Path, company_id: str, form_id: str, where: str | None, kind: str, login: str | None, output: BinaryIO
) -> None:
    """Export the records of FORM_ID."""
    with told_plainly(root):
        company = _company(root, company_id)
        actor = people.SYSTEM if login is None else people.person_actor(company, login)
        exchange.export_records(company, actor, form_id, ListRequest(where=where), kind, output)


@click.command()
@site_option
@click.option("--company", "company_id", help="Only this company.")
def plan(root: Path, company_id: str | None) -> None:
    """Say what apply would do, and do nothing."""
    refused = 0
    with told_plainly(root):
        site = open_site(root)
        for each in (company_id,) if company_id else site.companies:
            found = setup.plan_company(site, each)
            click.echo(f"{each}: {len(found.changes)} steps" if found.changes else f"{each}: nothing to do")
            for step in found.changes:
                click.echo(f"  {step.words['en']}")
            show_problems(root, found.refused)
            refused += len(found.refused)
    sys.exit(1 if refused else 0)


@click.command()
@site_option
@click.option("--company", "company_id", help="Only this company.")
def apply(root: Path, company_id: str | None) -> None:
    """Bring tables and served definitions to what the files say; nothing stored is ever destroyed."""
    failed = False
    site = open_site(root)
    for each in (company_id,) if company_id else site.companies:
        try:
            done = setup.apply_company(site, each)
        except ProblemsFound as found:
            click.echo(f"{each}: not applied", err=True)
            show_problems(root, found.problems)
            failed = True
        else:
            click.echo(f"{each}: revision {done.revision}, {len(done.steps)} steps")
    sys.exit(1 if failed else 0)


def _company(root: Path, company_id: str) -> OpenCompany:
    return open_site(root).company(company_id)


COMMANDS: tuple[click.Command, ...] = (run, user, import_rows, export, plan, apply, *WORK_COMMANDS)
