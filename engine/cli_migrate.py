"""The command that brings running approvals over to a changed definition: weft migrate."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from itertools import groupby
from pathlib import Path

import click

from engine.cli_told import show_problems, site_option, told_plainly
from engine.services.flow.migrating import Came, Migration, migrate
from engine.services.site import OpenCompany, Site, open_site

_TOLD = 20  # approvals of a version that are told one by one


@click.command("migrate")
@site_option
@click.argument("workflow")
@click.option("--company", "company_id", help="Only this company.")
@click.option("--from", "versions", multiple=True, type=click.IntRange(1), help="Only from this version; repeatable.")
@click.option("--apply", is_flag=True, help="Do it; left out: only say what would happen.")
def migrate_approvals(
    root: Path, workflow: str, company_id: str | None, versions: tuple[int, ...], *, apply: bool
) -> None:
    """Bring running approvals of WORKFLOW over to the definition in force; exit code 1 when some cannot come over.

    Tasks keep their people, drafts and due times. Steps are known by their names; the workflow says what has another
    name or is left out: migrate: {map: {old: new step, start or skip}}.
    """
    refused = 0
    with told_plainly(root):
        site = open_site(root)
        for company in _companies(site, workflow, company_id):
            found = migrate(company, workflow, versions=versions, apply=apply)
            _tell(company, root, found, done=apply)
            refused += len(found.refused)
    if not apply:
        click.echo("nothing has been changed; --apply does it")
    sys.exit(1 if refused else 0)


def _companies(site: Site, workflow: str, company_id: str | None) -> list[OpenCompany]:
    if company_id is not None:
        return [site.company(company_id)]
    found = [each for each in site.served() if workflow in each.catalog.workflows]
    if not found:
        raise click.ClickException(f"No company has the workflow {workflow}.")
    return found


def _tell(company: OpenCompany, root: Path, found: Migration, *, done: bool) -> None:
    if not found.rows:
        click.echo(f"{company.id}: {found.workflow.id}: nothing runs on another version")
        return
    language = company.catalog.company.language
    by_version = sorted(found.rows, key=lambda each: each.version)
    for version, rows in groupby(by_version, key=lambda each: each.version):
        _tell_version(f"{company.id}: {found.workflow.id}: version {version} → {found.to}", list(rows), language, done)
        refused = [each for each in found.refused if each.version == version]
        for each in refused[:_TOLD]:
            click.echo(f"  {each.instance} {each.title}: cannot come over", err=True)
            show_problems(root, each.problems)
        if len(refused) > _TOLD:
            click.echo(f"  and {len(refused) - _TOLD} more", err=True)


def _tell_version(head: str, rows: list[Came], language: str, done: bool) -> None:  # noqa: FBT001
    coming = [each for each in rows if not each.problems]
    words = "came over" if done else "can come over"
    click.echo(f"{head}: {len(coming)} {words}, {len(rows) - len(coming)} cannot")
    for each in coming[:_TOLD]:
        stands = each.ended or _words(each.stands, language)
        click.echo(f"  {each.instance} {each.title}: {_words(each.stood, language)} → {stands}")
    if len(coming) > _TOLD:
        click.echo(f"  and {len(coming) - _TOLD} more")


def _words(labels: Iterable[Mapping[str, str]], language: str) -> str:
    return ", ".join(each.get(language) or next(iter(each.values())) for each in labels)


COMMANDS: tuple[click.Command, ...] = (migrate_approvals,)
