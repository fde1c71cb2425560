"""What somebody says to a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from engine.values import empty


@dataclass(frozen=True, slots=True)
class Decision:
    """What a handler says. kind: approve | reject | submit | return | abstain. `version` is the record's, `rev` the
    task's, as they were shown; `values` are changes of the fields that the step lets them edit, in wire form.

    signature   the id of an uploaded image, where the step asks for one
    people      who was chosen for later steps, by step
    """

    kind: str
    version: int | None = None
    rev: int | None = None
    opinion: str | None = None
    values: Mapping[str, object] = field(default_factory=empty)
    to: str | None = None
    resume: str | None = None
    signature: int | None = None
    key: str | None = None
    people: Mapping[str, Sequence[int]] = field(default_factory=empty)

    def asked(self) -> dict[str, object]:
        """What makes this decision another one than one sent before with the same key."""
        return {
            "kind": self.kind,
            "opinion": self.opinion,
            "values": dict(self.values),
            "to": self.to,
            "resume": self.resume,
            "signature": self.signature,
            "people": {step: list(chosen) for step, chosen in self.people.items()},
        }
