"""Does every step find somebody in the organisation as it is, whoever starts? Asked before anybody does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from engine.catalog.effects import Who
from engine.catalog.positions import find_positions
from engine.catalog.workflow_checks.coverage import reached_when
from engine.catalog.workflow_checks.examples import Examples
from engine.catalog.workflows import Step, Workflow
from engine.problems import Problem
from engine.runtime.access import RoleRights
from engine.runtime.actors import SYSTEM
from engine.runtime.flow.surroundings import Expression
from engine.services.flow.expanding import expand
from engine.services.flow.finding import MOST_PEOPLE
from engine.services.site import OpenCompany
from engine.storage.organisation import Organisation, fetch_organisation
from engine.values import Label, empty

_SHOWN = 5
_OF_RECORD = frozenset({"field", "handler"})  # whom they find is known only when there is a record
_NOBODY: Label = {"en": "nobody", "zh": "无人"}


@dataclass(frozen=True, slots=True)
class Guess:
    """An approval that somebody might start: nothing is known of its record but the `values` of some paths."""

    organisation: Organisation
    initiator: int | None = None
    values: Mapping[str, int] = field(default_factory=empty)

    @property
    def department(self) -> int | None:
        """The department for which it would be started."""
        person = self.organisation.people.get(self.initiator) if self.initiator is not None else None
        return person.department if person is not None else None

    @property
    def assignee(self) -> int | None:
        """Nobody has a task yet."""
        return None

    def value(self, expression: Expression) -> object:
        """The value that is guessed."""
        return self.values.get(expression.text)

    def holds_for(self, condition: Expression, person: int) -> bool:
        """Nothing is known: a chain of superiors ends at once."""
        return True

    def handlers(self, step: str) -> Iterable[int]:
        """Nobody has decided yet."""
        return ()

    def chosen_at(self, who: Who) -> Iterable[int]:
        """Everybody among whom may be chosen, when they are enough."""
        found = list(dict.fromkeys(person for person, _ in expand(self, who.candidates)))
        return found if len(found) >= who.least else ()

    def log(self, action: str, **more: Any) -> None:
        """Nothing happens, so nothing is logged."""


@dataclass(frozen=True, slots=True)
class _Miss:
    """A step that finds nobody: for which values of which path (none: whatever the record), and whether the
    administrators catch it."""

    path: Expression | None = None
    values: tuple[int, ...] = ()
    caught: bool = False
    count: int = 0  # how many are found when they are too many, or too few for the votes `needed`
    needed: int = 0


def check_people(company: OpenCompany) -> list[Problem]:
    """A201 for steps at which an approval would stand still, warnings A202 for those that its administrators get."""
    with company.reading(SYSTEM) as work:
        organisation = fetch_organisation(work.uow)
    catalog = company.catalog
    found: list[Problem] = []
    for workflow in catalog.workflows.values():
        examples = Examples(catalog, catalog.forms[workflow.form])
        found += _Check(company, organisation, workflow, examples).problems()
    return found


class _Check:
    """One workflow, asked for everybody who may start it."""

    def __init__(
        self, company: OpenCompany, organisation: Organisation, workflow: Workflow, examples: Examples
    ) -> None:
        self.company = company
        self.organisation = organisation
        self.workflow = workflow
        self.examples = examples
        self._found: dict[tuple[int, int | None], frozenset[int]] = {}

    def problems(self) -> Iterator[Problem]:
        """What is wrong, each step once for all whom the same befalls."""
        starters = tuple(self._starters())
        if not starters:
            values = {"company": self.company.catalog.company.label, "workflow": self.workflow.label}
            yield Problem("A204", values, self.workflow.at, warning=True)
        positions = find_positions(self.workflow)
        for step in self.workflow.all_steps():
            if not step.is_human or not step.who:
                continue
            missed: dict[_Miss, list[int]] = {}
            for starter in starters:
                miss = self._miss(step, starter)
                if miss is not None:
                    missed.setdefault(miss, []).append(starter)
            when = reached_when(positions.way(step.name), self.examples) if missed else None
            for miss, people in missed.items():
                whole = len(people) == len(starters)
                yield self._problem(step, miss, self._named(people, whole=whole), when)

    def _starters(self) -> Iterator[int]:
        """The active persons who may start the workflow on some record."""
        who = self.workflow.start.who
        if not who or any(each.kind in _OF_RECORD or each.path is not None for each in who):
            yield from self._changers()
            return
        for person in self.organisation.people.values():
            if person.active and person.id in {each for each, _ in expand(Guess(self.organisation, person.id), who)}:
                yield person.id

    def _changers(self) -> Iterator[int]:
        """Those who may make or change records of the form."""
        known: dict[frozenset[str], bool] = {}
        for person in self.organisation.people.values():
            if person.roles not in known:
                rights = RoleRights(self.company.catalog, person.roles, system=False).of(self.workflow.form)
                known[person.roles] = rights is not None and not {"create", "change"}.isdisjoint(rights.verbs)
            if person.active and known[person.roles]:
                yield person.id

    # --- one step for one starter -----------------------------------------------------------------------------------

    def _miss(self, step: Step, starter: int) -> _Miss | None:
        """Why a step finds nobody; None when it finds somebody, or its definition says what happens then."""
        excluded = {person for each in step.exclude for person in self._people(each, starter)}
        sure = {person for each in step.who for person in self._people(each, starter)} - excluded
        if len(sure) > MOST_PEOPLE:
            return _Miss(count=len(sure))
        if step.kind == "approve" and starter in sure and step.policies.self_approval != "allow":
            sure = self._without(step, starter, sure)
        if any(self._is_open(each) for each in step.who):
            return None
        needed = step.passes.count if step.mode == "vote" else None
        if needed is not None and 0 < len(sure) < needed and not any(_is_weighed(each) for each in step.who):
            return _Miss(count=len(sure), needed=needed)
        if sure or step.policies.self_approval == "skip":
            return None
        if step.policies.when_empty in ("skip", "reject"):
            return None
        caught = self._is_caught(step, starter)
        if caught and step.policies.when_empty == "who":
            return None
        return self._by_value(step, starter, excluded, caught=caught)

    def _without(self, step: Step, starter: int, found: set[int]) -> set[int]:
        others = found - {starter}
        superior = self.organisation.superior(starter) if step.policies.self_approval == "superior" else None
        return others | {superior} if superior is not None and self.organisation.is_active(superior) else others

    def _by_value(self, step: Step, starter: int, excluded: set[int], *, caught: bool) -> _Miss | None:
        """Of entries that depend on a department or person of the record: the values with which they find nobody."""
        paths = {path.text: path for each in step.who if (path := _path(each)) is not None}
        if not paths:
            return _Miss(caught=caught)
        for text, path in paths.items():
            entries = [each for each in step.who if (own := _path(each)) is not None and own.text == text]
            bad = tuple(
                value
                for value in self._values(path)
                if not self._found_with(entries, Guess(self.organisation, starter, {text: value})) - excluded
            )
            if not bad:
                return None
        return _Miss(path, bad, caught)

    def _found_with(self, entries: Sequence[Who], guess: Guess) -> set[int]:
        return {person for person, _ in expand(guess, entries)}

    def _values(self, path: Expression) -> Iterator[int]:
        if path.type.kind in ("department", "departments"):
            yield from self.organisation.departments
            return
        yield from (person.id for person in self.organisation.people.values() if person.active)

    def _people(self, who: Who, starter: int) -> frozenset[int]:
        """Whom an entry finds whatever the record."""
        by = starter if _asks_for_starter(who) else None
        key = (id(who), by)
        if key not in self._found:
            self._found[key] = frozenset(person for person, _ in expand(Guess(self.organisation, by), (who,)))
        return self._found[key]

    def _is_open(self, who: Who) -> bool:
        """Whether somebody may be found, which only the record tells."""
        if who.kind == "choose":
            return any(self._is_open(each) or _path(each) is not None for each in who.candidates)
        return who.kind in _OF_RECORD

    def _is_caught(self, step: Step, starter: int) -> bool:
        if step.policies.when_empty == "block":
            return False
        instead = step.policies.when_empty_who if step.policies.when_empty == "who" else self.workflow.admin
        return any(True for _ in expand(Guess(self.organisation, starter), instead))

    # --- words ------------------------------------------------------------------------------------------------------

    def _problem(self, step: Step, miss: _Miss, starters: Label, when: Label | None) -> Problem:
        company = self.company.catalog.company.label
        values = {"company": company, "step": step.label, "workflow": self.workflow.label, "starters": starters}
        values["where"] = self._where(miss, when)
        if miss.needed:
            return Problem("A205", {**values, "count": miss.count, "needed": miss.needed}, step.at)
        if miss.count:
            return Problem("A203", {**values, "count": miss.count, "most": MOST_PEOPLE}, step.at)
        return Problem("A202" if miss.caught else "A201", values, step.at, warning=miss.caught)

    def _where(self, miss: _Miss, when: Label | None) -> Label:
        """For which records: by the values of a path, and by the conditions before the step."""
        parts = [when] if when is not None else []
        if miss.path is not None:
            name, names = self.examples.words(miss.path), self._listed(miss.path, miss.values)
            parts.append({language: f"{name[language]} = {names[language]}" for language in name})
        return {
            "en": f", for {', '.join(each['en'] for each in parts)}" if parts else "",
            "zh": f"（{'，'.join(each['zh'] for each in parts)}）" if parts else "",
        }

    def _listed(self, path: Expression, values: Sequence[int]) -> Label:
        units = path.type.kind in ("department", "departments")
        source = self.organisation.departments if units else self.organisation.people
        return _joined([source[each].name for each in values], {"en": " or ", "zh": "、"})

    def _named(self, people: Sequence[int], *, whole: bool) -> Label:
        """The starters with their departments."""
        if whole and len(people) > 1:
            return {"en": "whoever starts", "zh": "无论谁发起"}
        names = []
        for each in people:
            person = self.organisation.people[each]
            unit = self.organisation.departments.get(person.department) if person.department is not None else None
            names.append(f"{person.name} ({unit.name})" if unit is not None else person.name)
        listed = _joined(names, {"en": ", ", "zh": "、"})
        return {"en": f"when {listed['en']} starts", "zh": f"{listed['zh']}发起时"}


def _path(who: Who) -> Expression | None:
    """The path to a department or person on which it depends whom an entry finds."""
    return who.path if who.path is not None else who.within


def _is_weighed(who: Who) -> bool:
    """Whether an entry may bring other votes than one of each person that is found whatever the record."""
    return who.weight != 1 or _path(who) is not None


def _asks_for_starter(who: Who) -> bool:
    inner = any(_asks_for_starter(each) for each in who.candidates)
    return inner or who.kind == "initiator" or who.of == "initiator" or who.within_initiator


def _joined(names: Sequence[str], between: Label) -> Label:
    """The first names, and how many more there are."""
    shown, more = list(islice(names, _SHOWN)), len(names) - _SHOWN
    if not shown:
        return _NOBODY
    ends = {"en": f" and {more} more", "zh": f"等 {len(names)} 个"} if more > 0 else {"en": "", "zh": ""}
    return {language: comma.join(shown) + ends[language] for language, comma in between.items()}
