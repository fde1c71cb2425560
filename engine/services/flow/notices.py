"""What people are told about approvals, in the pages."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.storage.comments import keep_notices

if TYPE_CHECKING:
    from engine.services.flow.running import Running


def tell(running: Running, people: Iterable[int], kind: str, text: str = "") -> None:
    """Tell people, each once and never the actor: kind is urge | comment | copy | transfer | addsign | returned …"""
    told = dict.fromkeys(each for each in people if each and each != running.work.actor.id)
    details = {"instance": running.stored.id, "by": running.work.actor.id, "text": text}
    keep_notices(running.work.uow, told, f"flow_{kind}", running.stored.form, running.stored.record_id, details)
