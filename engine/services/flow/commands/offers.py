"""What somebody may do with a task now: the buttons of its page. The commands themselves ask again."""

from __future__ import annotations

from engine.services.flow.commands.adding import has_added
from engine.services.flow.commands.deciding import kinds_at, step_of
from engine.services.flow.commands.handing import is_claimed, may_claim
from engine.services.flow.running import Running
from engine.storage.flow_acts import ADDED, WITH
from engine.storage.flows import PENDING, StoredTask

HANDED = ("transfer", "addsign_before", "addsign_after", "addsign_with", "cc")


def actions_of(running: Running, task: StoredTask) -> tuple[str, ...]:
    """Decisions first, then save, transfer, addsign_…, cc, claim and release, as far as the step allows them."""
    if task.state != PENDING:
        return ()
    step = step_of(running, task)
    found = list(kinds_at(running, task, step))
    if step is None:
        return (*found, "save")
    allowed = step.policies.allow
    found += [each for each in ("save",) if each in allowed]
    if task.kind == ADDED:
        return (*found, *(each for each in ("cc",) if each in allowed))
    nested = task.source == WITH or has_added(running, task)
    found += [each for each in HANDED if each in allowed and not (nested and each.startswith("addsign"))]
    if is_claimed(running, task):
        found.append("release")
    elif may_claim(running, task, step):
        found.append("claim")
    return tuple(found)
