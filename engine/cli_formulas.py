"""The commands about expressions: fmt, eval."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from engine.problems import Problem, ProblemsFound, render_problem
from engine.services.definitions import source_line
from engine.services.formatting import format_files
from engine.services.trying import BACKENDS, Tried, Wish, try_expression

_FOLDER = click.Path(file_okay=False, path_type=Path)
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


@click.command("eval")
@click.argument("expression")
@click.option("--set", "given", multiple=True, metavar="NAME[:TYPE]=VALUE", help="A value; may be given several times.")
@click.option("--form", metavar="APP.FORM", help="Names mean the fields of this form; formulas not given are computed.")
@click.option("--company", help="In this company; left out: the first one that has the form.")
@click.option("--backend", default="python", show_default=True, type=click.Choice([*BACKENDS, "all"]))
@click.option("--database", metavar="URL", help="PostgreSQL to ask; left out: WEFT_DATABASE.")
@click.option("--now", metavar="TIME", help="The moment that TODAY() and NOW() see: 2024-06-15T12:00.")
@click.option("--explain", is_flag=True, help="Say it in words and show the value of every part.")
@click.option(
    "--site", "root", default=".", type=click.Path(file_okay=False, path_type=Path), help="The site's folder."
)
@_LANGUAGE
def evaluate_text(root: Path, language: str | None, backend: str, **asked: Any) -> None:
    """Compute EXPRESSION, with one engine or with all of them; exit code 1 when they differ or it is wrong."""
    backends = BACKENDS if backend == "all" else (backend,)
    chosen = _language(language)
    wish = Wish(asked.pop("expression"), backends=backends, **asked)
    try:
        tried = try_expression(root.resolve(), wish)
    except ProblemsFound as found:
        for problem in found.problems:
            click.echo(render_problem(problem, _line(root, wish.text, problem), chosen), err=True)
        sys.exit(1)
    _show(tried, chosen, several=len(tried.answers) > 1)


def _show(tried: Tried, language: str, *, several: bool) -> None:
    if tried.words:
        click.echo(f"  {tried.words[language]}")
    for part in tried.parts:
        click.echo(f"  {part.text} = {_shown(part.value, language)}")
    for answer in tried.answers:
        shown = answer.missing[language] if answer.missing is not None else _shown(answer.value, language)
        said = f"-- {shown}" if answer.missing is not None and several else shown
        click.echo(f"{answer.backend:9} {said}" if several else said, err=answer.missing is not None and not several)
    if tried.differ:
        click.echo("各引擎的结果不一致" if language == "zh" else "the engines differ", err=True)
    alone_missing = not several and tried.answers[0].missing is not None
    sys.exit(1 if tried.differ or alone_missing else 0)


def _line(root: Path, text: str, problem: Problem) -> str | None:
    """The line that a problem points at: of a file, or of the expression itself."""
    if problem.at is not None and problem.at.file == "expression":
        return text.split("\n")[problem.at.line - 1]
    return source_line(root.resolve(), problem)


def _shown(value: object, language: str) -> str:
    if value is None:
        return "（空）" if language == "zh" else "(empty)"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return ", ".join(_shown(each, language) for each in value)
    return str(value)


def _language(chosen: str | None) -> str:
    if chosen is not None:
        return chosen
    wanted = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if wanted.lower().startswith("zh") else "en"


COMMANDS: tuple[click.Command, ...] = (fmt, evaluate_text)
