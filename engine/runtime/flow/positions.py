"""To which steps one may return from which, now."""

from __future__ import annotations

from engine.catalog.positions import START as START
from engine.catalog.positions import Level as Level
from engine.catalog.positions import Positions as Positions
from engine.catalog.positions import Way as Way
from engine.catalog.positions import find_positions as find_positions
from engine.catalog.positions import is_legal
from engine.catalog.workflows import ANY, Step


def legal_returns(positions: Positions, current: Step, trail: list[str]) -> list[str]:
    """Where the handler of `current` may return to now: what its definition names, among the steps passed."""
    wanted = current.policies.returns
    passed = [name for name in dict.fromkeys(trail) if is_legal(positions, name, current.name)]
    if wanted == ANY:
        return [START, *passed]
    found = [START] if START in wanted else []
    found += [name for name in passed if name in wanted]
    if "previous" in wanted and passed and passed[-1] not in found:
        found.append(passed[-1])
    return found
