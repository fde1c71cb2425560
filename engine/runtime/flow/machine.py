"""The token game: how an instance walks through its workflow. Knows no database: it asks its surroundings.

Steps that wait (for people, time, other instances) are the leaves of the marking. Everything between two waits happens
in one call. A return empties one list and goes on at an earlier step of it, so nothing can stick or be left over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from copy import deepcopy
from dataclasses import dataclass, field

from engine.catalog.workflows import Step, StepList, Workflow
from engine.problems import Problem, ProblemsFound
from engine.runtime.flow.drift import same_guards
from engine.runtime.flow.marking import START, ListMark, Marking, Saved, StepMark
from engine.runtime.flow.positions import Level, Positions, Way, find_positions
from engine.runtime.flow.surroundings import Surroundings

MOST_STEPS = 500
APPROVED, REJECTED = "approved", "rejected"


@dataclass
class Ended(Exception):
    """The instance has come to its end."""

    result: str


@dataclass
class Machine:
    """One instance at work. The marking is changed in place."""

    workflow: Workflow
    marking: Marking
    around: Surroundings
    positions: Positions = field(init=False)
    _steps: int = 0
    _jumps: int = 0  # how often the marking was rebuilt: what was being walked then is no longer part of it

    def __post_init__(self) -> None:
        self.positions = find_positions(self.workflow)

    # --- what may happen from outside; each answers None while the instance goes on, else its result ----------------

    def begin(self) -> str | None:
        """Enter the first step."""
        self.marking.root = ListMark(0)
        return self._until_end(lambda: self._run(self.workflow.steps, self.marking.root))

    def complete(self, visit: int, outcome: str) -> str | None:
        """A waiting step is decided: go on behind it, or where its refusal leads. Also ends the start task."""
        return self._until_end(lambda: self._complete(visit, outcome))

    def go_back(self, visit: int | None, target: str, resume: str = "rerun") -> str | None:
        """Return from the step of `visit` (None: from wherever the instance stands) to `target`."""
        return self._until_end(lambda: self._go_back(visit, target, resume))

    def jump(self, target: str) -> str | None:
        """Leave everything that goes on and enter `target`, a human step anywhere: for administrators."""
        return self._until_end(lambda: self._jump(target))

    def pass_over(self, visits: Iterable[int]) -> str | None:
        """Go on behind the steps of these visits: they are not in the workflow any more, and nobody decides there."""
        return self._until_end(lambda: self._pass_over(visits))

    def stop(self) -> None:
        """Cancel everything that goes on."""
        self.around.close([each.visit for each in self.marking.root.leaves()])
        self.marking.root = ListMark(0)
        self.marking.saved.clear()

    # --- walking ----------------------------------------------------------------------------------------------------

    def _until_end(self, act: Callable[[], object]) -> str | None:
        self._steps = 0
        try:
            act()
        except Ended as end:
            self.stop()
            return end.result
        return None

    def _run(self, steps: tuple[Step, ...], mark: ListMark) -> bool:
        """Walk along a list from its active step on; True when the list is finished."""
        while mark.at < len(steps):
            self._count()
            if not self._enter(steps[mark.at], mark):
                return False
            mark.step = None
            mark.at += 1
        if mark is self.marking.root:
            raise Ended(APPROVED)
        return True

    def _enter(self, step: Step, mark: ListMark) -> bool:
        """Begin a step; True when it is over at once."""
        mark.step = StepMark(step.name, self.marking.next_visit())
        if step.kind == "end":
            raise Ended(step.result)
        if step.kind == "goto":
            self._goto(step)
            return False
        if step.kind in ("cc", "auto"):
            if self.around.pass_step(step):
                return False
            self._pass(step)
            return True
        if step.kind == "branch":
            return self._enter_branch(step, mark.step)
        if step.kind == "parallel":
            return self._enter_parallel(step, mark.step)
        outcome = self.around.open_step(step, mark.step.visit)
        return outcome is not None and self._decided(step, mark.step.visit, outcome)

    def _enter_branch(self, step: Step, mark: StepMark) -> bool:
        for each in step.lists:
            if each.otherwise or each.when is None or self.around.holds(each.when):
                return self._enter_list(each, mark)
        raise ProblemsFound([Problem("A122", {"step": step.label})])

    def _enter_parallel(self, step: Step, mark: StepMark) -> bool:
        opened = [each for each in step.lists if each.when is None or self.around.holds(each.when)]
        if not opened and step.none == "error":
            raise ProblemsFound([Problem("A122", {"step": step.label})])
        mark.opened, jumps = len(opened), self._jumps
        for each in opened:
            mark.lists[each.name] = ListMark(0)
        for each in opened:
            if each.name in mark.lists and self._run(each.steps, mark.lists[each.name]):
                self._finish_list(step, mark, each.name)
            if self._jumps != jumps:
                return False
        return not mark.lists

    def _enter_list(self, each: StepList, mark: StepMark) -> bool:
        inner = ListMark(0)
        mark.lists[each.name] = inner
        if not self._run(each.steps, inner):
            return False
        del mark.lists[each.name]
        return True

    def _finish_list(self, step: Step, mark: StepMark, name: str) -> None:
        """A list of a parallel is over: the others are called off once enough are."""
        del mark.lists[name]
        mark.finished += 1
        needed = {"all": mark.opened, "any": 1, "some": min(step.join_count, mark.opened)}[step.join]
        if mark.finished >= needed:
            for other in mark.lists.values():
                self.around.close([leaf.visit for leaf in other.leaves()])
            mark.lists.clear()

    # --- decisions --------------------------------------------------------------------------------------------------

    def _complete(self, visit: int, outcome: str) -> None:
        lists = self.marking.root.find(visit)
        if lists is None:
            return
        if self.marking.root.at < 0:
            self._after_start(self.marking.saved.pop(visit, None))
            return
        step = self.positions.workflow.step(self._mark_of(lists).name)
        if not self._decided(step, visit, outcome):
            return
        saved = self.marking.saved.pop(visit, None)
        if saved is not None and self._restore(saved):
            return
        self._continue(lists)

    def _after_start(self, saved: Saved | None) -> None:
        if saved is not None and self._restore(saved):
            return
        self.marking.root.at, self.marking.root.step = 0, None
        self._run(self.workflow.steps, self.marking.root)

    def _decided(self, step: Step, visit: int, outcome: str) -> bool:
        """Carry out what a decision means; True when the walk goes on behind the step."""
        if self.around.leave_step(step, outcome):
            return False
        if outcome == REJECTED:
            self._rejected(step, visit)
            return False
        self._pass(step)
        return True

    def _rejected(self, step: Step, visit: int) -> None:
        if step.kind == "call" and step.on_reject == "return":
            self._go_back(visit, self._before(step), "rerun")
        elif not step.is_human or step.reject_to == "end":
            raise Ended(REJECTED)
        else:
            self._go_back(visit, step.reject_to, "rerun")

    def _pass(self, step: Step) -> None:
        """Remember what one may return to, and what one may not return past."""
        if step.is_human or step.is_final:
            self.marking.trail.append(step.name)

    def _before(self, step: Step) -> str:
        """The step of people that was passed last before a step; the start when there is none."""
        for name in reversed(self.marking.trail):
            if self.workflow.step(name).is_human and self.positions.common(name, step.name) is not None:
                return name
        return START

    def _continue(self, lists: list[tuple[ListMark, str]]) -> None:
        """Go on behind the finished step at the end of `lists`, upwards as far as lists finish with it."""
        blocks = [self.positions.way(self._mark_of(lists[:depth]).name)[-1].step for depth in range(1, len(lists))]
        for depth in range(len(lists) - 1, -1, -1):
            mark, name = lists[depth]
            mark.step = None
            mark.at += 1
            if not self._run(blocks[depth - 1].steps_in(name) if depth else self.workflow.steps, mark):
                return
            if depth == 0:
                return
            block, above = blocks[depth - 1], lists[depth - 1][0].step
            if above is None:
                return
            if block.kind == "parallel":
                self._finish_list(block, above, lists[depth][1])
                if above.lists:
                    return
            else:
                above.lists.clear()

    def _pass_over(self, visits: Iterable[int]) -> None:
        for visit in visits:
            lists = self.marking.root.find(visit)
            if lists is None:
                continue
            self.around.close([visit])
            saved = self.marking.saved.pop(visit, None)
            if saved is None or not self._restore(saved):
                self._continue(lists)

    def _mark_of(self, lists: list[tuple[ListMark, str]]) -> StepMark:
        return _active(lists[-1][0])

    # --- going back -------------------------------------------------------------------------------------------------

    def _go_back(self, visit: int | None, target: str, resume: str) -> None:
        lists = self.marking.root.find(visit) if visit is not None else None
        current = self._mark_of(lists).name if lists is not None else self._last_leaf()
        depth = self.positions.common(target, current)
        if depth is None:
            raise ProblemsFound([Problem("A110", {"step": target})])
        if self.marking.round >= self.workflow.max_rounds and visit is not None:
            raise ProblemsFound([Problem("A111", {"rounds": self.workflow.max_rounds})])
        self._next_round()
        self._empty_and_enter(self._list_at(lists, depth), depth, target, direct=resume == "direct")

    def _next_round(self) -> None:
        self.marking.round += 1
        self.marking.since = self.marking.visits

    def _last_leaf(self) -> str:
        leaves = list(self.marking.root.leaves())
        return leaves[-1].name if leaves else self.workflow.steps[-1].name

    def _list_at(self, lists: list[tuple[ListMark, str]] | None, depth: int) -> ListMark:
        return self.marking.root if lists is None or depth == 0 else lists[depth][0]

    def _empty_and_enter(self, mark: ListMark, depth: int, target: str, *, direct: bool) -> None:
        self._jumps += 1
        saved = self._save(mark, depth, target) if direct else None
        closed = [leaf.visit for leaf in mark.leaves()]
        self.around.close(closed)
        for visit in closed:
            self.marking.saved.pop(visit, None)
        self._cut_trail(target, depth)
        self._enter_target(mark, depth, target, saved)

    def _save(self, mark: ListMark, depth: int, target: str) -> Saved:
        names = tuple(level.name for level in self.positions.way(target)[: depth + 1]) or ("",)
        people = self.around.people_of([leaf.visit for leaf in mark.leaves()])
        return Saved(names, deepcopy(mark), people, list(self.marking.trail))

    def passes_final(self, current: str, target: str) -> bool:
        """Whether something that cannot be done again would be undone by a return from `current` to `target`."""
        depth = self.positions.common(target, current)
        trail, kept = self.marking.trail, self._kept(target, depth or 0)
        return any(self.workflow.step(name).is_final for name in trail if name not in kept and name != target)

    def _cut_trail(self, target: str, depth: int) -> None:
        """Forget having passed what lies in the emptied list from the target on."""
        self.marking.trail = self._kept(target, depth)

    def _kept(self, target: str, depth: int) -> list[str]:
        if target == START:
            return []
        way = self.positions.way(target)
        return [name for name in self.marking.trail if not self._is_undone(name, way, depth)]

    def _is_undone(self, name: str, way: Way, depth: int) -> bool:
        """Whether a passed step is asked again when the list at `depth` goes on at the end of `way`.

        Other lists of a parallel that is entered again keep their results.
        """
        for place, (one, other) in enumerate(zip(self.positions.ways.get(name, ()), way, strict=False)):
            if one.name != other.name:
                return False
            if one.index != other.index:
                return one.index > other.index and place >= depth
        return True

    def _enter_target(self, mark: ListMark, depth: int, target: str, saved: Saved | None) -> None:
        """Build the path from the emptied list down to the target, and enter it there."""
        if target == START:
            mark.at, mark.step = -1, StepMark(START, self.marking.next_visit())
            if saved is not None:
                self.marking.saved[mark.step.visit] = saved
            self.around.open_start(mark.step.visit)
            return
        way = self.positions.way(target)
        mark.at = way[depth].index
        for level in way[depth + 1 :]:
            block = StepMark(mark_name(way, level), self.marking.next_visit(), opened=1)
            inner = ListMark(level.index)
            block.lists[level.name] = inner
            mark.step = block
            mark = inner
        step = way[-1].step
        mark.step = StepMark(step.name, self.marking.next_visit())
        visit = mark.step.visit
        if saved is not None:
            self.marking.saved[visit] = saved
        outcome = self.around.open_step(step, visit)
        if outcome is not None:
            self._count()
            self._complete(visit, outcome)

    def _goto(self, step: Step) -> None:
        depth = self.positions.common(step.to, step.name)
        if depth is None:
            raise ProblemsFound([Problem("A110", {"step": step.to})])
        lists = self._open_lists(step.name)
        self._empty_and_enter(lists[depth], depth, step.to, direct=False)

    def _open_lists(self, name: str) -> list[ListMark]:
        """The open lists on the way to a step that is going on."""
        mark, found = self.marking.root, [self.marking.root]
        for level in self.positions.way(name)[1:]:
            mark = _active(mark).lists[level.name]
            found.append(mark)
        return found

    def _jump(self, target: str) -> None:
        self.around.close([leaf.visit for leaf in self.marking.root.leaves()])
        self.marking.saved.clear()
        self._next_round()
        self._cut_trail(target, 0)
        self._enter_target(self.marking.root, 0, target, None)

    # --- direct returns come back -----------------------------------------------------------------------------------

    def _restore(self, saved: Saved) -> bool:
        """Put back what a direct return interrupted; False when a condition has another answer now."""
        mark = self._list_of(saved.list_path)
        if mark is None or not same_guards(self.workflow, saved, self.around):
            self.around.note("guard_drift", mark.step.name if mark is not None and mark.step is not None else "")
            return False
        mark.at, mark.step = saved.mark.at, deepcopy(saved.mark.step)
        self.marking.trail = list(saved.trail)
        decided = []
        for leaf in mark.leaves():
            people = saved.people.get(str(leaf.visit))
            leaf.visit = self.marking.next_visit()
            outcome = self.around.reopen_step(self.workflow.step(leaf.name), leaf.visit, people)
            decided += [(leaf.visit, outcome)] if outcome is not None else []
        for visit, outcome in decided:
            self._complete(visit, outcome)
        return True

    def _list_of(self, path: tuple[str, ...]) -> ListMark | None:
        mark = self.marking.root
        for name in path[1:]:
            if mark.step is None or name not in mark.step.lists:
                return None
            mark = mark.step.lists[name]
        return mark

    def _count(self) -> None:
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise ProblemsFound([Problem("A112", {"workflow": self.workflow.label})])


def mark_name(way: Way, level: Level) -> str:
    """The name of the block that holds the list `level` on a way."""
    return way[way.index(level) - 1].step.name


def _active(mark: ListMark) -> StepMark:
    """The active step of a list that goes on."""
    if mark.step is None:
        raise LookupError("the list has no active step")
    return mark.step
