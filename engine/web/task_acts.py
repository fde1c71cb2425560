"""What the buttons of a task do: decisions, drafts, handing on, asking others, copies, keeping it for oneself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from flask import request

from engine.problems import Problem, ProblemsFound
from engine.services.flow import commands
from engine.services.flow.commands import Decision
from engine.services.flow.inbox import StoredTask, require_choices
from engine.web.ids import find_id
from engine.web.visit import visit

_STAYING = frozenset({"save", "cc", "claim", "release", "remove"})
_SAVING = ("approve", "submit")


@dataclass(frozen=True, slots=True)
class Press:
    """A button that was pressed. values: what was filled in; other: the task that the button names."""

    act: str
    task: StoredTask
    values: Mapping[str, object]
    other: int | None
    people: Mapping[str, Sequence[int]]

    @property
    def key(self) -> str | None:
        """The idempotency key of the page."""
        return request.form.get("_key") or None

    @property
    def rev(self) -> int | None:
        """The state of the task that was shown."""
        return find_id(request.form.get("_rev", ""))

    def words(self, *names: str) -> str | None:
        """The first of these texts that is not empty."""
        found = (request.form.get(name, "").strip()[:4000] for name in names)
        return next(filter(None, found), None)

    def chosen(self, name: str) -> list[int]:
        """The people that an input names."""
        return [person for each in request.form.getlist(name) if (person := find_id(each)) is not None]

    def decision(self, kind: str, opinion: str | None) -> Decision:
        """What is decided, with what was filled in."""
        saving, returning = kind in _SAVING, kind == "return"
        return Decision(
            kind,
            version=find_id(request.form.get("_version", "")),
            rev=self.rev,
            opinion=opinion,
            values=self.values if saving else {},
            to=request.form.get("_to") or None if returning else None,
            resume=request.form.get("_resume") or None if returning else None,
            signature=next(iter(self.chosen("_signature")), None),
            key=self.key,
            people=self.people if saving else {},
        )


def act_on(
    act: str, task: StoredTask, values: Mapping[str, object], other: int | None, people: Mapping[str, Sequence[int]]
) -> object:
    """Do what the button called `act` says; everything that is no other act is a decision."""
    press = Press(act, task, values, other, people)
    return _ACTS.get(act, _decide)(press)


def stays(act: str) -> bool:
    """Whether the task still waits for the reader afterwards, so that its page is shown again."""
    return act in _STAYING or (act == "addsign" and request.form.get("_where") == "with")


def _decide(press: Press) -> object:
    current = visit()
    if press.act in _SAVING:
        require_choices(current.company, current.actor, press.task.id, press.people)
    opinion = press.words("_reason", "_opinion") if press.act == "return" else press.words("_opinion")
    return commands.decide(current.company, current.actor, press.task.id, press.decision(press.act, opinion))


def _save(press: Press) -> object:
    current, opinion = visit(), press.words("_opinion")
    who = (current.company, current.actor, press.task.id)
    return commands.save_draft(*who, press.values, opinion=opinion, rev=press.rev, key=press.key)


def _transfer(press: Press) -> object:
    current, to = visit(), find_id(request.form.get("_transfer", ""))
    if to is None:
        raise ProblemsFound([Problem("R114", {"name": ""}, pointer="_transfer")])
    opinion = press.words("_reason_transfer", "_opinion")
    who = (current.company, current.actor, press.task.id)
    return commands.transfer(*who, to, opinion=opinion, rev=press.rev, key=press.key)


def _addsign(press: Press) -> object:
    current, where = visit(), request.form.get("_where", "")
    opinion = press.words("_reason_addsign", "_opinion")
    kind = "submit" if press.task.kind == "fill" else "approve"
    return commands.add_signer(
        current.company,
        current.actor,
        press.task.id,
        press.chosen("_people"),
        where,
        mode=request.form.get("_mode") or "all",
        opinion=opinion,
        decision=press.decision(kind, opinion) if where == "after" else None,
        rev=press.rev,
        key=press.key,
    )


def _copy(press: Press) -> object:
    current, people = visit(), press.chosen("_copies")
    if not people:
        raise ProblemsFound([Problem("R114", {"name": ""}, pointer="_copies")])
    note = press.words("_reason_cc")
    who = (current.company, current.actor, press.task.instance_id)
    return commands.copy_to(*who, people, note=note, key=press.key)


def _claim(press: Press) -> object:
    current = visit()
    return commands.claim(current.company, current.actor, press.task.id, rev=press.rev, key=press.key)


def _release(press: Press) -> object:
    current = visit()
    return commands.release(current.company, current.actor, press.task.id, rev=press.rev, key=press.key)


def _remove(press: Press) -> object:
    current = visit()
    return commands.remove_signer(current.company, current.actor, press.other or 0, key=press.key)


_ACTS: Mapping[str, Callable[[Press], object]] = MappingProxyType(
    {
        "save": _save,
        "transfer": _transfer,
        "addsign": _addsign,
        "cc": _copy,
        "claim": _claim,
        "release": _release,
        "remove": _remove,
    }
)
