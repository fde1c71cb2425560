"""An administrator tries an expression: with values of his own, on a form or on none, by any of the engines."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from engine.catalog.build import build_catalog
from engine.catalog.catalog import Catalog
from engine.catalog.work_days import CalendarRules, work_days
from engine.problems import Location, Problem, ProblemsFound, near_name
from engine.runtime.moments import Moment
from engine.runtime.trial import Given, Quoted, form_trial, free_trial
from engine.runtime.trial_answers import BACKENDS, Answer, Part, ask_all, compile_tried, evaluated_parts, in_words
from engine.services.definitions import company_ids, read_definitions
from engine.source.reader import read_item
from engine.source.resolve import lay_over
from engine.source.tree import Item

__all__ = ["BACKENDS", "Answer", "Part", "Tried", "Wish", "try_expression"]

_ASSIGNMENT = re.compile(r"\s*([^=:]+?)\s*(?::\s*(\w+)\s*)?=(.*)\Z", re.DOTALL)
_ZONE = "Asia/Shanghai"
PLACE = "--set"


@dataclass(frozen=True)
class Wish:
    """What is asked for."""

    text: str
    given: tuple[str, ...] = ()
    form: str | None = None
    company: str | None = None
    backends: tuple[str, ...] = ("python",)
    database: str | None = None
    now: str | None = None
    explain: bool = False


@dataclass(frozen=True)
class Tried:
    """What came out: the type of the value by language, one answer per engine, the parts when they were asked for."""

    type: Mapping[str, str]
    answers: tuple[Answer, ...]
    parts: tuple[Part, ...] = ()
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def differ(self) -> bool:
        """Whether two engines gave different answers."""
        return len({repr(each.value) for each in self.answers if each.missing is None}) > 1


def try_expression(root: Path, wish: Wish) -> Tried:
    """Checks and computes the expression. Raises ProblemsFound: of the text (file name "expression"), of the values."""
    given = [read_assignment(each) for each in wish.given]
    catalog = _catalog(root, wish) if wish.form or wish.company else None
    zone = ZoneInfo(catalog.company.time_zone if catalog is not None else _ZONE)
    now = _now(wish.now, zone)
    rules = catalog.company.calendar if catalog is not None else CalendarRules("CN")
    moment = Moment(now, zone, calendar=work_days(rules, now.astimezone(zone).year))
    if catalog is not None and wish.form:
        trial = form_trial(catalog, wish.form, given, moment)
    else:
        trial = free_trial(given, moment)
    expression, type_words = compile_tried(wish.text, trial)
    database = wish.database or os.environ.get("WEFT_DATABASE")
    answers = ask_all(expression, trial, wish.backends, database)
    if not wish.explain:
        return Tried(type_words, tuple(answers))
    words = {language: in_words(expression, language) for language in ("en", "zh")}
    return Tried(type_words, tuple(answers), tuple(evaluated_parts(expression, trial)), words)


def read_assignment(text: str) -> Given:
    """`name=value`, `name:type=value`; the value as YAML writes it, else the text as it stands."""
    match = _ASSIGNMENT.match(text)
    if match is None:
        values = {"label": PLACE, "expected": {"en": "name=value", "zh": "名称=值"}, "value": text}
        raise ProblemsFound([Problem("V102", values)])
    name, kind, raw = match.groups()
    return Given(name.strip("`"), _read(raw.strip()), kind)


def _read(raw: str) -> object:
    if raw in ("", "null", "NULL", "~"):
        return None
    if not raw.startswith(("[", "{", '"', "'")):
        return _scalar(raw)
    try:
        return _plain(read_item(raw.encode("utf-8"), PLACE))
    except ProblemsFound:
        if raw.startswith(("[", "{")):
            raise
        return Quoted(raw)


def _scalar(raw: str) -> object:
    if raw in ("true", "false"):
        return raw == "true"
    return int(raw) if re.fullmatch(r"-?(0|[1-9]\d{0,17})", raw, re.ASCII) else raw


def _plain(item: Item) -> object:
    if item.map or item.value == {}:
        return {key: _plain(entry) for key, entry in item.map.items()}
    if isinstance(item.value, tuple):
        return [_plain(entry) for entry in item.value]
    return Quoted(item.value) if isinstance(item.value, str) and item.style == "quoted" else item.value


def _now(now: str | None, zone: ZoneInfo) -> datetime:
    if now is None:
        return datetime.now(UTC).replace(microsecond=0)
    try:
        found = datetime.fromisoformat(now)
    except ValueError:
        shape = "2024-06-15T12:00"
        values = {"label": "--now", "expected": {"en": f"written {shape}", "zh": f"写作 {shape}"}, "value": now}
        raise ProblemsFound([Problem("V102", values)]) from None
    return (found if found.tzinfo is not None else found.replace(tzinfo=zone)).astimezone(UTC)


def _catalog(root: Path, wish: Wish) -> Catalog:
    """The company's definitions as the files say; without a company those of the first that has the form."""
    files = read_definitions(root)
    names = company_ids(files)
    if wish.company is not None and wish.company not in names:
        near = near_name(wish.company, names)
        raise ProblemsFound([Problem("S109", {"company": wish.company, "near": near}, Location("site.yaml", 1, 1))])
    if not names:
        raise ProblemsFound(files.problems)
    candidates = (wish.company,) if wish.company else names
    catalogs = (build_catalog(lay_over(files, company)) for company in candidates)
    catalog = next(catalogs)
    while wish.form is not None and wish.form not in catalog.forms:
        following = next(catalogs, None)
        if following is None:
            break
        catalog = following
    return catalog
