"""Where a running instance stands: the active lists and steps only, as a tree that is stored as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

START = "start"


@dataclass
class StepMark:
    """A step that is going on. `visit` is unique in the instance: its tasks, timers and children carry it.

    lists   the open lists of a branch (one) or a parallel (those not finished yet), by name
    opened  parallel: how many lists this visit opened
    """

    name: str
    visit: int
    lists: dict[str, ListMark] = field(default_factory=dict)
    opened: int = 0
    finished: int = 0

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        lists = {name: each.to_json() for name, each in self.lists.items()}
        return {
            "name": self.name,
            "visit": self.visit,
            "lists": lists,
            "opened": self.opened,
            "finished": self.finished,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> StepMark:
        """The reverse of to_json."""
        lists = {name: ListMark.from_json(each) for name, each in data["lists"].items()}
        return cls(data["name"], data["visit"], lists, data["opened"], data["finished"])


@dataclass
class ListMark:
    """A list of steps that is going on: the index of its active step (-1: at the start task), and that step."""

    at: int
    step: StepMark | None = None

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return {"at": self.at, "step": None if self.step is None else self.step.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ListMark:
        """The reverse of to_json."""
        return cls(data["at"], None if data["step"] is None else StepMark.from_json(data["step"]))

    def leaves(self) -> Iterator[StepMark]:
        """The steps inside that hold no lists: what waits for people, time or others."""
        if self.step is None:
            return
        if not self.step.lists:
            yield self.step
        for each in self.step.lists.values():
            yield from each.leaves()

    def find(self, visit: int) -> list[tuple[ListMark, str]] | None:
        """The lists from here down to the step of that visit, each with its name in its step; None: not inside."""
        if self.step is None:
            return None
        if self.step.visit == visit:
            return [(self, "")]
        for name, each in self.step.lists.items():
            inner = each.find(visit)
            if inner is not None:
                return [(self, ""), (each, name), *inner[1:]]
        return None


@dataclass
class Saved:
    """What a direct return has interrupted: the marking of a list, and who held the tasks of its visits."""

    list_path: tuple[str, ...]
    mark: ListMark
    people: dict[str, Any]
    trail: list[str]

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "list_path": list(self.list_path),
            "mark": self.mark.to_json(),
            "people": self.people,
            "trail": self.trail,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Saved:
        """The reverse of to_json."""
        return cls(tuple(data["list_path"]), ListMark.from_json(data["mark"]), data["people"], data["trail"])


@dataclass
class Marking:
    """All of it. trail: human steps passed on the way here, in order. saved: by the visit that a direct return opened.

    since: the number of visits when somebody returned last; what came before was another round.
    """

    root: ListMark
    visits: int = 0
    round: int = 1
    trail: list[str] = field(default_factory=list)
    saved: dict[int, Saved] = field(default_factory=dict)
    since: int = 0

    def to_json(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "root": self.root.to_json(),
            "visits": self.visits,
            "round": self.round,
            "trail": self.trail,
            "saved": {str(visit): each.to_json() for visit, each in self.saved.items()},
            "since": self.since,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Marking:
        """The reverse of to_json."""
        saved = {int(visit): Saved.from_json(each) for visit, each in data["saved"].items()}
        root = ListMark.from_json(data["root"])
        return cls(root, data["visits"], data["round"], list(data["trail"]), saved, data["since"])

    def next_visit(self) -> int:
        """A number that no step of the instance has had."""
        self.visits += 1
        return self.visits
