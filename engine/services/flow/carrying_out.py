"""Carries out effects inside the command's transaction, in the engine's name: all of them, or none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from engine.catalog.effects import Effect
from engine.catalog.forms import Form
from engine.catalog.workflows import Step
from engine.problems import Problem, ProblemsFound
from engine.runtime.journal import to_wire
from engine.services.saving import Given, save_one

if TYPE_CHECKING:
    from engine.services.flow.running import Running


def carry_out(running: Running, effects: Sequence[Effect], step: Step | None) -> None:
    """The effects in order; A123 names the step and the effect that failed, and undoes everything."""
    label = step.label if step is not None else running.workflow.label
    for number, effect in enumerate(effects, 1):
        if effect.when is not None and not effect.rows and not running.holds(effect.when):
            continue
        try:
            _one(running, effect)
        except ProblemsFound as found:
            reason = "; ".join(problem.message() for problem in found.problems)
            raise ProblemsFound([Problem("A123", {"number": number, "step": label, "reason": reason})]) from found


def _one(running: Running, effect: Effect) -> None:
    if effect.kind == "set":
        _set(running, effect)


def _set(running: Running, effect: Effect) -> None:
    values = {name: running.value(value) for name, value in effect.values.items()}
    form = running.system.catalog.forms[running.stored.form]
    save_one(running.system, form.id, Given(running.stored.record_id, wired(form, values)))
    running.forget_record()


def wired(form: Form, values: Mapping[str, object]) -> dict[str, object]:
    """Values as a save takes them."""
    return {name: to_wire(form.fields[name], value) for name, value in values.items()}
