"""How the votes of several people decide a step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from engine.catalog.workflows import Step

APPROVED, REJECTED, NOBODY = "approved", "rejected", "nobody"


@dataclass(frozen=True, slots=True)
class Vote:
    """One person's say: decision None while it is awaited, else approve | reject | submit | abstain."""

    decision: str | None
    weight: int = 1


def tally(step: Step, votes: Sequence[Vote]) -> str | None:
    """approved, rejected or None (still waiting); nobody: all have abstained, or there is no one."""
    counted = [each for each in votes if each.decision != "abstain"]
    if not counted:
        return NOBODY
    rejected = any(each.decision == "reject" for each in counted)
    waiting = any(each.decision is None for each in counted)
    if step.kind == "fill":
        agreed = any(each.decision == "submit" for each in counted)
        return APPROVED if (agreed if step.mode == "any" else not waiting) else None
    rules = {"any": _any, "all": _all, "sequence": _sequence, "vote": _vote}
    return rules[step.mode](step, counted, rejected=rejected, waiting=waiting)


def _any(step: Step, votes: Sequence[Vote], *, rejected: bool, waiting: bool) -> str | None:
    if any(each.decision == "approve" for each in votes):
        return APPROVED
    if rejected and (step.reject_rule == "first" or not waiting):
        return REJECTED
    return None


def _all(step: Step, votes: Sequence[Vote], *, rejected: bool, waiting: bool) -> str | None:
    if rejected and (step.veto or not waiting):
        return REJECTED
    return None if waiting else APPROVED


def _sequence(step: Step, votes: Sequence[Vote], *, rejected: bool, waiting: bool) -> str | None:
    if rejected:
        return REJECTED
    return None if waiting else APPROVED


def _vote(step: Step, votes: Sequence[Vote], *, rejected: bool, waiting: bool) -> str | None:
    if rejected and step.veto:
        return REJECTED
    whole = sum(each.weight for each in votes)
    agreed = sum(each.weight for each in votes if each.decision == "approve")
    possible = agreed + sum(each.weight for each in votes if each.decision is None)
    if _passes(step, agreed, whole):
        return APPROVED
    return None if _passes(step, possible, whole) else REJECTED


def _passes(step: Step, agreed: int, whole: int) -> bool:
    if step.passes.count is not None:
        return agreed >= step.passes.count
    needed = Fraction(whole) * step.passes.share
    return agreed > needed if step.passes.strict else agreed >= needed
