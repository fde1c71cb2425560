"""The command `weft`: what an administrator asks of a site."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import MappingProxyType

import click

from engine.problems import Problem, ProblemsFound, render_problem
from engine.services.definitions import check_site, source_line
from engine.services.editor_support import init_site, modeline, write_schemas
from engine.services.provenance import Difference, WhyAnswer, diff_company
from engine.services.provenance import why as find_why

_FOLDER = click.Path(file_okay=False, path_type=Path)
_SITE = click.option("--site", "root", default=".", show_default=True, type=_FOLDER, help="The site's folder.")
_LANGUAGE = click.option(
    "--language", type=click.Choice(["en", "zh"]), help="Language of messages; left out: that of the terminal."
)
_SITE_COMMANDS = ("run", "user", "import", "export", "plan", "apply", "tidy", "verify", "work")
_FORMULA_COMMANDS = ("fmt", "eval")
_SCENARIO_COMMANDS = ("test",)
_MIGRATION_COMMANDS = ("migrate",)
_BOARD_COMMANDS = ("board",)
_LATE = MappingProxyType(
    dict.fromkeys(_SITE_COMMANDS, "engine.cli_site")
    | dict.fromkeys(_FORMULA_COMMANDS, "engine.cli_formulas")
    | dict.fromkeys(_SCENARIO_COMMANDS, "engine.cli_test")
    | dict.fromkeys(_MIGRATION_COMMANDS, "engine.cli_migrate")
    | dict.fromkeys(_BOARD_COMMANDS, "engine.cli_board")
)
_MARKS = {"added": "+", "changed": "~", "removed": "-"}


class _Commands(click.Group):
    """The commands that open a database are loaded when one of them is asked for: `check` must stay quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, sorted."""
        return sorted([*super().list_commands(ctx), *_LATE])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name."""
        module = _LATE.get(cmd_name)
        if module is not None:
            commands: Iterable[click.Command] = import_module(module).COMMANDS
            return next((command for command in commands if command.name == cmd_name), None)
        return super().get_command(ctx, cmd_name)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="weftwork", prog_name="weft")
def main() -> None:
    """Weave business applications from definitions."""


@main.command()
@_SITE
@click.option("--company", help="Only this company.")
@click.option("--json", "as_json", is_flag=True, help="Problems as JSON, for editors and machines.")
@click.option("--strict", is_flag=True, help="Warnings make it fail as well.")
@click.option("--people", is_flag=True, help="Also: does every step of approvals find somebody, whoever starts?")
@_LANGUAGE
def check(root: Path, company: str | None, language: str | None, *, as_json: bool, strict: bool, people: bool) -> None:
    """Say everything that is wrong with the definitions; exit code 1 when something is.

    --people asks the companies' databases who could start approvals, and whom every step would find then.
    """
    problems = check_site(root.resolve(), company)
    if people and all(problem.warning for problem in problems):
        with _problems_shown(root, language):
            problems = [*problems, *_people_problems(root.resolve(), company)]
    wrong = [problem for problem in problems if not problem.warning]
    if as_json:
        click.echo(json.dumps({"problems": [_as_json(problem) for problem in problems]}, ensure_ascii=False, indent=2))
    else:
        _show(root, problems, _language(language))
        click.echo(_summary(len(wrong), len(problems) - len(wrong), _language(language)))
    sys.exit(1 if wrong or (strict and problems) else 0)


@main.command()
@click.argument("path")
@_SITE
@click.option("--company", help="In this company; left out: in every one.")
@_LANGUAGE
def why(path: str, root: Path, company: str | None, language: str | None) -> None:
    """Show where the value at PATH (app.form.fields.name) comes from and which values it beat."""
    with _problems_shown(root, language):
        answers = find_why(root.resolve(), company, path)
    for answer in answers:
        _show_answer(answer, company)


@main.command()
@click.argument("company")
@_SITE
@_LANGUAGE
def diff(company: str, root: Path, language: str | None) -> None:
    """List everything that COMPANY adds, changes or removes."""
    with _problems_shown(root, language):
        differences = diff_company(root.resolve(), company)
    for each in differences:
        click.echo(_difference_line(each))
    zh = _language(language) == "zh"
    click.echo(f"{len(differences)} 处不同" if zh else f"{len(differences)} difference(s)")


@main.command()
@click.argument("folder", default=".", type=_FOLDER)
@_LANGUAGE
def schema(folder: Path, language: str | None) -> None:
    """Write the JSON Schemas and editor settings into FOLDER, so that VS Code completes and checks while typing."""
    with _problems_shown(folder, language):
        written = write_schemas(folder)
    _show_paths(written)
    click.echo(modeline())


@main.command()
@click.argument("folder", type=_FOLDER)
@click.option("--company", default="company", show_default=True, help="Id of the first company.")
@_LANGUAGE
def init(folder: Path, company: str, language: str | None) -> None:
    """Write a fresh site into FOLDER that uses the installed pack."""
    with _problems_shown(folder, language):
        written = init_site(folder, company)
    _show_paths(written)


def _people_problems(root: Path, company: str | None) -> list[Problem]:
    from engine.services.flow.people_check import check_people  # noqa: PLC0415 - opens databases; check stays quick
    from engine.services.site import open_site  # noqa: PLC0415

    site = open_site(root)
    found: list[Problem] = []
    for each in (company,) if company is not None else site.companies:
        closed = site.why_closed(each)  # of companies that were not asked for by name it is only told
        found += (replace(problem, warning=company is None) for problem in closed)
        found += () if closed else check_people(site.company(each))
    return found


@contextmanager
def _problems_shown(root: Path, language: str | None) -> Iterator[None]:
    try:
        yield
    except ProblemsFound as found:
        _show(root, found.problems, _language(language))
        sys.exit(1)


def _show(root: Path, problems: Iterable[Problem], language: str) -> None:
    for problem in problems:
        click.echo(render_problem(problem, source_line(root.resolve(), problem), language))
        click.echo()


def _show_answer(answer: WhyAnswer, company: str | None) -> None:
    if company is None:
        click.secho(", ".join(answer.companies), bold=True)
    for entry in answer.entries:
        click.echo(f"{entry.path} = {entry.value}")
        click.echo(f"    {entry.at}  ({entry.layer})")
        for lost in entry.beaten:
            click.echo(f"    < {lost.text}")
            click.echo(f"      {lost.at}  ({lost.layer})")


def _difference_line(each: Difference) -> str:
    change = {"added": each.value, "removed": each.before}.get(each.kind, f"{each.before} -> {each.value}")
    return f"{_MARKS[each.kind]} {each.path}: {change}\n    {each.at}"


def _show_paths(paths: Iterable[Path]) -> None:
    for path in paths:
        click.echo(path.as_posix())


def _summary(wrong: int, warnings: int, language: str) -> str:
    if language == "zh":
        return f"{wrong} 个错误，{warnings} 个警告" if wrong or warnings else "没有问题"
    return f"{wrong} error(s), {warnings} warning(s)" if wrong or warnings else "No problems."


def _as_json(problem: Problem) -> dict[str, object]:
    at = problem.at
    return {
        "code": problem.code,
        "severity": "warning" if problem.warning else "error",
        "message": {"en": problem.message("en"), "zh": problem.message("zh")},
        "hint": {"en": problem.advice("en"), "zh": problem.advice("zh")},
        "file": at.file if at else None,
        "line": at.line if at else None,
        "column": at.column if at else None,
        "length": at.length if at else None,
    }


def _language(chosen: str | None) -> str:
    if chosen is not None:
        return chosen
    wanted = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    return "zh" if wanted.lower().startswith("zh") else "en"
