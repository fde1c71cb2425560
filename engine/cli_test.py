"""The command `weft test`: plays the scenarios of a site."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import click

from engine.cli_told import show_problems, site_option, told_plainly
from engine.problems import Problem, ProblemsFound, render_problem
from engine.services.definitions import source_line
from engine.services.scenarios.playing import Played, play_all
from engine.services.scenarios.reading import read_scenarios
from engine.services.site import open_site


@click.command("test")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, resolve_path=True, path_type=Path))
@site_option
@click.option("--company", help="Only scenarios of this company.")
@click.option("--json", "as_json", is_flag=True, help="The results as JSON, for machines.")
def test(root: Path, paths: tuple[Path, ...], company: str | None, *, as_json: bool) -> None:
    """Play the scenarios in PATHS (all when left out) on scratch databases.

    Exit code 1 when one does not go as told, 2 when there is none.
    """
    started = time.monotonic()
    with told_plainly(root):
        site = open_site(root)
        scenarios = [each for each in read_scenarios(site.files, paths) if company in (None, each.company)]
        if not scenarios:
            place = ", ".join(path.name for path in paths) or root.name
            show_problems(root, ProblemsFound([Problem("E107", {"path": place})]).problems)
            sys.exit(2)
        played = []
        for each in play_all(site, scenarios):
            played.append(each)
            if not as_json:
                _tell(root, each)
    failed = sum(1 for each in played if each.problems)
    seconds = time.monotonic() - started
    if as_json:
        click.echo(json.dumps(_as_json(played, failed, seconds), ensure_ascii=False, indent=2))
    else:
        click.echo(f"{len(played) - failed} passed, {failed} failed in {seconds:.1f} s")
    sys.exit(1 if failed else 0)


def _tell(root: Path, each: Played) -> None:
    mark = "failed" if each.problems else "ok"
    click.echo(f"{mark:6} {each.scenario.company}: {each.scenario.title}{_case(each)}  ({each.seconds:.2f} s)")
    for problem in each.problems:
        click.echo(render_problem(problem, source_line(root, problem)))


def _case(each: Played) -> str:
    return f" / {each.case.name}" if each.case.name else ""


def _as_json(played: list[Played], failed: int, seconds: float) -> dict[str, object]:
    rows = [
        {
            "company": each.scenario.company,
            "scenario": each.scenario.title,
            "case": each.case.name,
            "file": each.case.at.file,
            "line": each.case.at.line,
            "passed": not each.problems,
            "seconds": round(each.seconds, 3),
            "problems": [
                {"code": one.code, "message": one.message(), "place": str(one.at) if one.at else None}
                for one in each.problems
            ],
        }
        for each in played
    ]
    return {"passed": len(played) - failed, "failed": failed, "seconds": round(seconds, 3), "scenarios": rows}


COMMANDS: tuple[click.Command, ...] = (test,)
