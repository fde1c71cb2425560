"""`weft board`: a board's figures on the command line, as a person of the company sees them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

import click

from engine.cli_told import site_option, told_plainly
from engine.problems import Problem, ProblemsFound
from engine.services import people
from engine.services.dashboards.boards import fetch_widgets
from engine.services.dashboards.plain import mark_text, totals_text
from engine.services.dashboards.to_wire import widget_to_wire
from engine.services.dashboards.views import BoardState, WidgetData
from engine.services.site import open_site


@click.command()
@site_option
@click.argument("board_id", metavar="BOARD")
@click.option("--company", "company_id", required=True, help="The company.")
@click.option("--as", "login", help="See what this person sees; left out: everything.")
@click.option("--filter", "filters", multiple=True, metavar="NAME=VALUE", help="A filter; may be repeated.")
@click.option("--widget", "widgets", multiple=True, help="Only this widget; may be repeated.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def board(
    root: Path,
    board_id: str,
    company_id: str,
    login: str | None,
    filters: tuple[str, ...],
    widgets: tuple[str, ...],
    *,
    as_json: bool,
) -> None:
    """Show the figures of a board."""
    with told_plainly(root):
        company = open_site(root).company(company_id)
        actor = people.person_actor(company, login) if login else people.SYSTEM
        language = company.catalog.company.language
        found = fetch_widgets(company, actor, board_id, widgets or None, _state(filters), language)
        if as_json:
            told = {each.widget.name: widget_to_wire(each, language) for each in found}
            click.echo(json.dumps({"board": board_id, "widgets": told}, ensure_ascii=False, indent=2))
            return
        for each in found:
            _show(each, language)


def _state(filters: Iterable[str]) -> BoardState:
    chosen: dict[str, list[str]] = {}
    for each in filters:
        name, sign, value = each.partition("=")
        if not sign:
            raise ProblemsFound([Problem("B202", {"name": each, "words": "NAME=VALUE"})])
        chosen.setdefault(name, []).append(value)
    return BoardState({name: tuple(values) for name, values in chosen.items()})


def _show(data: WidgetData, language: str) -> None:
    label = data.widget.label.get(language) or data.widget.name
    if data.state != "ok":
        told = "; ".join(each.message(language) for each in data.problems)
        click.echo(f"{label}: {data.state}{' – ' + told if told else ''}")
        return
    click.echo(f"{label}: {totals_text(data) or data.count}")
    for mark in data.marks:
        click.echo("  " + mark_text(data, mark))
    if data.page is not None:
        for row in data.page.rows:
            click.echo(f"  {row.title}")


COMMANDS = (board,)
