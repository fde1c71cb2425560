"""What workflows, stages and actions do to records and tell people: a list of effects, carried out in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as with_default

from engine.catalog.forms import Template
from engine.expressions.nodes import Expression, Path
from engine.problems import Location
from engine.values import empty

EFFECT_KINDS = ("set", "create", "update", "lock", "unlock", "notify", "webhook", "start", "number")


@dataclass(frozen=True, slots=True)
class Who:
    """One entry of a list of people: how somebody is found.

    kind       initiator | user | role | field | department_head | superior | superiors | handler | choose
    name       the login, role, step or department that is named
    of         whose superior or department: "initiator", "assignee" or "" (then `path` says it)
    path       an expression giving a person, people or a department
    within     the department that a role's holders must belong to, or one below; `within_initiator`: the initiator's
    level      superior: how many up; department_head: how many departments up (0: the department itself)
    until_…    where a chain of superiors ends: after so many, at the first with a role, or where `until_when` holds
    """

    kind: str
    at: Location
    name: str = ""
    of: str = ""
    path: Expression | None = None
    within: Expression | None = None
    within_initiator: bool = False
    level: int = 1
    until_level: int | None = None
    until_role: str | None = None
    until_when: Expression | None = None
    candidates: tuple[Who, ...] = ()
    chosen_by: str = ""  # choose: "initiator" or "previous"
    least: int = 1
    most: int = 20
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect. `values` are compiled on the record, with `row` inside for_each and `target` in updates.

    set       values of the record itself
    create    a record of `form`, found again by the fields `key` when it was created before
    update    the record that `path` leads to (through the rows' link with for_each)
    lock      `fields`; all when there are none (unlock likewise)
    notify    `who` gets `texts`
    webhook   `name` is the site's setting that holds the address; `values` are the body
    start     the workflow `name` for the record at `path` (() = this one)
    number    the serial field `name` is filled
    """

    kind: str
    at: Location
    form: str = ""
    name: str = ""
    key: tuple[str, ...] = ()
    path: Path = ()
    rows: Path = ()
    when: Expression | None = None
    values: Mapping[str, Expression] = with_default(default_factory=empty)
    fields: tuple[str, ...] = ()
    who: tuple[Who, ...] = ()
    texts: Mapping[str, Template] = with_default(default_factory=empty)  # by language
    channels: tuple[str, ...] = ()
