"""Do returns, refusals and loops lead to a step they may lead to? WF080 … WF086, WF090."""

from __future__ import annotations

from engine.catalog.notes import Notes
from engine.catalog.positions import TARGETS, Positions, find_positions
from engine.catalog.workflows import ANY, Step, Workflow
from engine.problems import near_name

_NAMED = frozenset({"start", "end", "previous"})
_WAITING = frozenset({"approve", "fill", "wait", "call"})


def check_ways(notes: Notes, workflow: Workflow) -> None:
    """Notes every way back that is not legal."""
    positions = find_positions(workflow)
    for step in workflow.all_steps():
        if step.kind == "goto":
            _check_goto(notes, positions, step)
        if not step.is_human:
            continue
        # what stands under defaults: is for all steps: where it does not fit, it is not offered
        own = () if step.policies.returns is workflow.policies.returns else step.policies.returns
        targets = [] if own == ANY else list(own)
        targets += [step.reject_to, *(each.to_step for each in step.timers if each.to_step is not None)]
        for target in dict.fromkeys(targets):
            if target not in _NAMED:
                _check(notes, positions, step, target, TARGETS)


def _check_goto(notes: Notes, positions: Positions, step: Step) -> None:
    if not _check(notes, positions, step, step.to, _WAITING):
        return
    inside = len(positions.ways[step.to])
    if positions.common(step.to, step.name) != inside - 1:
        notes.add("WF085", step.at, name=step.to)


def _check(notes: Notes, positions: Positions, step: Step, target: str, kinds: frozenset[str]) -> bool:
    """Whether one may go from a step to a target; noted when not."""
    if target not in positions.ways:
        notes.add("WF080", step.at, name=target, near=near_name(target, positions.ways))
        return False
    if target == step.name:
        notes.add("WF086", step.at, name=target)
        return False
    if positions.common(target, step.name) is None:
        notes.add(_why_not(positions, target, step.name), step.at, name=target, step=step.name)
        return False
    kind = positions.ways[target][-1].step.kind
    if kind not in kinds:
        waits = any(each.kind in _WAITING for each in positions.between(target, step.name))
        notes.add("WF081" if waits or step.kind != "goto" else "WF090", step.at, name=target, kind=kind)
        return False
    return True


def _why_not(positions: Positions, target: str, current: str) -> str:
    """The code that says why two steps are not one after the other."""
    one, other = positions.ways[target], positions.ways[current]
    for depth in range(min(len(one), len(other))):
        if depth and one[depth].name != other[depth].name:
            return "WF082" if one[depth - 1].step.kind == "parallel" else "WF083"
        if one[depth].index != other[depth].index:
            return "WF084"
    return "WF084"
