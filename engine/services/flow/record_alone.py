"""Effects on a record without an approval: its stage was entered, its button was pressed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from engine.catalog.effects import Who
from engine.runtime.actors import Actor
from engine.runtime.drafts import Draft, RecordValues
from engine.runtime.flow.surroundings import ClosureBook, Expression
from engine.runtime.moments import Moment
from engine.runtime.work import Work
from engine.services.flow.acting import fetch_draft
from engine.services.flow.expanding import expand
from engine.storage.organisation import Organisation, fetch_organisation
from engine.values import empty


@dataclass
class RecordAlone:
    """A record on which `carry_out` acts for `actor`, in the engine's name (`system`).

    key    no other occasion has it: what is sent after the transaction is sent once for it
    asked  what the button asked
    begin  starts a workflow on a record and answers its instance; None where nothing may be started
    """

    system: Work
    closures: ClosureBook
    actor: Actor
    form_id: str
    record_id: int
    key: str
    asked: Mapping[str, object] = field(default_factory=empty)
    begin: Callable[[str, int], int] | None = None
    _draft: Draft | None = None
    _organisation: Organisation | None = None

    @property
    def instance(self) -> None:
        """There is no approval."""

    @property
    def moment(self) -> Moment:
        """The moment; `flow.` means the actor, here and now."""
        words = {
            "flow.initiator": self.initiator,
            "flow.department": self.department,
            "flow.previous_handler": self.initiator,
            "flow.round": 1,
            "flow.started_at": self.system.uow.now,
        }
        return replace(self.system.moment, asked={**words, **self.asked})

    @property
    def draft(self) -> Draft:
        """The record as it is stored now."""
        if self._draft is None:
            self._draft = fetch_draft(self.system, self.form_id, self.record_id)
        return self._draft

    @property
    def values(self) -> RecordValues:
        """The record as expressions read it."""
        return self.draft.read(self.system.links)

    def forget_record(self) -> None:
        """Records have been written: read again what is asked for."""
        self._draft = None
        self.system.links.forget_all()

    def people(self, who: Sequence[Who]) -> Sequence[int]:
        """The active people of a list, each once."""
        return tuple(dict.fromkeys(person for person, _ in expand(self, who)))

    def log(self, action: str, **more: Any) -> None:
        """There is no log beside the history of the record."""

    def guard(self, form_id: str, record_id: int) -> None:
        """Nothing is watched."""

    def changed(self, form_id: str, record_id: int) -> None:
        """Nothing is watched."""

    def start(self, workflow: str, record_id: int) -> int | None:
        """Start a workflow on a record: its instance."""
        return self.begin(workflow, record_id) if self.begin is not None else None

    # --- whom lists of people mean ----------------------------------------------------------------------------------

    @property
    def organisation(self) -> Organisation:
        """Everybody, read once."""
        if self._organisation is None:
            self._organisation = fetch_organisation(self.system.uow)
        return self._organisation

    @property
    def initiator(self) -> int | None:
        """Who acts."""
        return None if self.actor.system else self.actor.person

    @property
    def department(self) -> int | None:
        """The department of who acts."""
        return self.actor.department

    @property
    def assignee(self) -> int | None:
        """Who acts."""
        return self.initiator

    def value(self, expression: Expression) -> object:
        """The value of an expression on the record."""
        return self.closures.of(expression)(self.values, self.moment)

    def holds_for(self, condition: Expression, person: int) -> bool:
        """Whether a condition holds with `flow.previous_handler` being a person."""
        words = {**self.moment.asked, "flow.previous_handler": person}
        return bool(self.closures.of(condition)(self.values, replace(self.moment, asked=words)))

    def handlers(self, step: str) -> Iterable[int]:
        """Nobody: there are no steps."""
        return ()

    def chosen_at(self, who: Who) -> Iterable[int]:
        """Nobody was chosen."""
        return ()
