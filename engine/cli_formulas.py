"""The commands about expressions: fmt, eval."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from engine.problems import render_problem
from engine.services.formatting import format_files

_LANGUAGE = click.option(
    "--language", type=click.Choice(["en", "zh"]), help="Language of messages; left out: that of the terminal."
)


@click.command()
@click.argument("path", default=".", type=click.Path(exists=True, path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit code 1 when a file would change.")
@_LANGUAGE
def fmt(path: Path, language: str | None, *, only_check: bool) -> None:
    """Write the expressions in the definition files of PATH (a site, a folder or a file) in their canonical form."""
    changed = wrong = 0
    zh = _language(language) == "zh"
    for each in format_files(path, write=not only_check):
        for problem in each.problems:
            wrong += 1
            click.echo(render_problem(problem, None, _language(language)), err=True)
        if each.changed:
            changed += 1
            click.echo(each.path.as_posix())
    if only_check:
        click.echo(f"{changed} 个文件需要整理" if zh else f"{changed} file(s) would change")
    else:
        click.echo(f"整理了 {changed} 个文件" if zh else f"{changed} file(s) changed")
    sys.exit(1 if wrong or (only_check and changed) else 0)


def _language(chosen: str | None) -> str:
    if chosen is not None:
        return chosen
    wanted = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if wanted.lower().startswith("zh") else "en"


COMMANDS: tuple[click.Command, ...] = (fmt,)
