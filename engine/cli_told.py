"""What every command that opens a site says when it is refused something."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from engine.problems import NotAllowed, NotVisible, Problem, ProblemsFound, render_problem
from engine.services.definitions import source_line

site_option = click.option(
    "--site",
    "root",
    default=".",
    type=click.Path(exists=True, file_okay=False, resolve_path=True, path_type=Path),
    help="The site's folder; left out: this one.",
)


@contextmanager
def told_plainly(root: Path) -> Iterator[None]:
    """Turns what the services refuse into lines a person can act on, and exit code 1."""
    try:
        yield
    except ProblemsFound as found:
        show_problems(root, found.problems)
        sys.exit(1)
    except NotAllowed as refused:
        show_problems(root, (refused.problem,))
        sys.exit(1)
    except NotVisible:
        click.echo("error: there is no such company or form in this site.", err=True)
        sys.exit(1)


def show_problems(root: Path, problems: Iterable[Problem]) -> None:
    """Every problem with its place, its line and its hint."""
    for problem in problems:
        click.echo(render_problem(problem, source_line(root, problem)), err=True)
