"""The checked, frozen definitions of one company: all that storage, runtime and web know of definitions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.catalog.dashboards import Dashboard, Metric
from engine.catalog.forms import Form
from engine.catalog.stages import StageSet
from engine.catalog.work_days import CalendarRules
from engine.catalog.workflows import Workflow
from engine.expressions.nodes import Path
from engine.values import Label, empty


@dataclass(frozen=True, slots=True)
class App:
    """An app in use by the company: its menu lists definition ids."""

    id: str
    label: Label
    icon: str
    version: str
    requires: tuple[str, ...]
    menu: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MenuGroup:
    """A heading of the side bar and the definitions under it."""

    label: Label
    entries: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Company:
    """What is true of one company."""

    id: str
    label: Label
    language: str
    languages: tuple[str, ...]
    time_zone: str
    currency: str
    week_starts: str
    apps: tuple[str, ...]
    calendar: CalendarRules = CalendarRules()


@dataclass(frozen=True, slots=True)
class Hop:
    """One step away from the record. kind "link": `names` is the link (behind the lines it stands in); kind "rows":
    `names` is the link that leads back from the rows; kind "tree": back along below or above; kind "match": `names` is
    the declared relation."""

    kind: str
    names: Path
    form: str  # where the link, or the relation, stands


@dataclass(frozen=True, slots=True)
class Dependent:
    """A stored formula in `form` that must be computed again when `columns` of the key form change.

    trail    the hops from the formula's record to the changed one, to be walked backwards
    rank     dependents are computed in ascending rank; `field` in lines is "lines.amount"
    """

    form: str
    field: str
    columns: frozenset[str]
    trail: tuple[Hop, ...]
    rank: int


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything defined for one company; `digest` names this state of the definitions."""

    company: Company
    digest: str
    apps: Mapping[str, App]
    roles: Mapping[str, Label]
    menu: tuple[MenuGroup, ...]
    forms: Mapping[str, Form]
    stage_sets: Mapping[tuple[str, str], tuple[StageSet, ...]] = field(default_factory=dict)  # (form id, field id)
    dependents: Mapping[str, tuple[Dependent, ...]] = field(default_factory=empty)  # by the form that changes
    workflows: Mapping[str, Workflow] = field(default_factory=empty)
    metrics: Mapping[str, Metric] = field(default_factory=empty)
    dashboards: Mapping[str, Dashboard] = field(default_factory=empty)

    def form(self, form_id: str) -> Form:
        """The form `form_id`; KeyError when the company has none."""
        return self.forms[form_id]
