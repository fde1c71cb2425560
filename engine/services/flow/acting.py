"""The record on which effects are carried out, with what they need around it: an approval at work, or none."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from engine.catalog.effects import Who
from engine.problems import NotVisible, Problem
from engine.runtime.dependents import draft_of
from engine.runtime.drafts import Draft, RecordValues
from engine.runtime.flow.surroundings import ClosureBook
from engine.runtime.moments import Moment
from engine.runtime.work import Work
from engine.storage.organisation import Organisation
from engine.storage.records import fetch_system_rows


class Incident(Exception):
    """An effect must not be carried out now: what was decided is kept, and the approval stops until somebody looks."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        super().__init__(problem.message())


def incident_details(problem: Problem) -> dict[str, str]:
    """What a line of the log keeps of a problem: in both languages, whoever reads it."""
    return {"code": problem.code, "text": problem.message("en"), "zh": problem.message("zh")}


class Acting(Protocol):
    """A record on which effects are carried out in the engine's name (`system`)."""

    @property
    def system(self) -> Work:
        """The transaction, with the engine's rights."""

    @property
    def instance(self) -> int | None:
        """The approval at work; None where there is none."""

    @property
    def form_id(self) -> str:
        """The form of the record."""

    @property
    def record_id(self) -> int:
        """The record."""

    @property
    def key(self) -> str:
        """A text that no other time at a step has: what is sent after the transaction is sent once for it."""

    @property
    def closures(self) -> ClosureBook:
        """The expressions, compiled."""

    @property
    def moment(self) -> Moment:
        """The moment, with what `flow.` means."""

    @property
    def draft(self) -> Draft:
        """The record as it is stored now."""

    @property
    def values(self) -> RecordValues:
        """The record as expressions read it."""

    def forget_record(self) -> None:
        """Records have been written: read again what is asked for."""

    @property
    def organisation(self) -> Organisation:
        """Everybody."""

    def people(self, who: Sequence[Who]) -> Sequence[int]:
        """The active people of a list, each once."""

    def log(self, action: str, **more: Any) -> None:
        """A line in the log of the approval, where there is one."""

    def guard(self, form_id: str, record_id: int) -> None:
        """Incident unless the watched values of that record are as they were when the approval started."""

    def changed(self, form_id: str, record_id: int) -> None:
        """An effect has changed that record."""

    def start(self, workflow: str, record_id: int) -> int | None:
        """Start a workflow on a record: its instance; None when none can be started here."""


def fetch_draft(work: Work, form_id: str, record_id: int) -> Draft:
    """A record as it is stored now, locked; NotVisible when it is gone."""
    stored = fetch_system_rows(work.uow, form_id, [record_id], lock=True).get(record_id)
    if stored is None or stored.deleted_at is not None:
        raise NotVisible(f"{form_id}/{record_id}")
    return draft_of(work, form_id, stored)
