"""Where an instance stands in the words of another definition of its workflow, or why it cannot come over.

Steps are known by their names; what has another name, or is left out, is said by `renamed` (migrate.map). A step must
be of the same kind, and stand in the same branches of the same parallels: tokens are neither lost nor doubled. Whether
it stands in a branch is free, because that only says which way was taken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.catalog.workflows import Step, Workflow
from engine.problems import Problem, ProblemsFound
from engine.runtime.flow.marking import START, ListMark, Marking, Saved, StepMark
from engine.runtime.flow.positions import Level, Positions, Way, find_positions

SKIP = "skip"
Lists = tuple[tuple[str, str], ...]  # the parallels around a step: (parallel, its list)


@dataclass(frozen=True, slots=True)
class Moved:
    """The marking for the other definition.

    left_out  visits whose step is not there any more: they are passed over
    to_start  the instance goes back to its initiator: the marking does not count
    dropped   direct returns that cannot come straight back any more: all that follows is asked again
    """

    marking: Marking
    left_out: tuple[int, ...] = ()
    to_start: bool = False
    dropped: int = 0


@dataclass
class _Leaf:
    """A waiting step with the way to it in the other definition."""

    mark: StepMark
    way: Way
    left_out: bool = False


def migrated(before: Workflow, after: Workflow, renamed: Mapping[str, str], marking: Marking) -> Moved:
    """The marking of an instance of `before` as one of `after`; ProblemsFound with every reason why that cannot be."""
    if marking.root.at < 0:
        move = _Move(find_positions(before), find_positions(after), renamed, marking)
        return Moved(move.rebuilt(ListMark(-1, marking.root.step)), dropped=move.dropped)
    if any(renamed.get(leaf.name) == START for leaf in marking.root.leaves()):
        return Moved(marking, to_start=True)
    move = _Move(find_positions(before), find_positions(after), renamed, marking)
    leaves = move.leaves(marking.root)
    # nothing waits any more where an end has been reached that could not be carried out
    root = move.built(leaves, 0, _blocks(marking.root)) if leaves else ListMark(0)
    left_out = tuple(leaf.mark.visit for leaf in leaves if leaf.left_out)
    return Moved(move.rebuilt(root), left_out, dropped=move.dropped)


def new_names(before: Workflow, after: Workflow, renamed: Mapping[str, str]) -> dict[str, str]:
    """The steps of `before` that have another name in `after`."""
    there = {step.name for step in after.all_steps()}
    old = {step.name for step in before.all_steps()}
    return {name: to for name, to in renamed.items() if name in old and to in there and name != to}


@dataclass
class _Move:
    before: Positions
    after: Positions
    renamed: Mapping[str, str]
    marking: Marking
    dropped: int = 0
    problems: list[Problem] = field(default_factory=list)

    def leaves(self, mark: ListMark) -> list[_Leaf]:
        """The waiting steps inside a list with their new ways; ProblemsFound when one has none."""
        found = [self._leaf(leaf) for leaf in mark.leaves()]
        if self.problems:
            raise ProblemsFound(self.problems)
        return [leaf for leaf in found if leaf is not None]

    def rebuilt(self, root: ListMark) -> Marking:
        """The whole marking with a new root."""
        saved = {visit: self._saved(visit, each) for visit, each in self.marking.saved.items()}
        self.dropped = sum(each is None for each in saved.values())
        return replace(
            self.marking,
            root=root,
            trail=self._trail(self.marking.trail),
            saved={visit: each for visit, each in saved.items() if each is not None},
        )

    # --- one step ---------------------------------------------------------------------------------------------------

    def _name(self, name: str) -> str:
        return self.renamed.get(name, name)

    def _leaf(self, mark: StepMark) -> _Leaf | None:
        before, name = self._step(mark.name), self._name(mark.name)
        if name == SKIP:
            place = self._place_behind(self.before.way(mark.name))
            if place is None:
                self.problems.append(Problem("A182", {"step": before.label}))
            return None if place is None else _Leaf(StepMark(mark.name, mark.visit), place, left_out=True)
        way = self.after.ways.get(name)
        if way is None:
            self.problems.append(Problem("A180", {"step": before.label, "name": mark.name}))
        elif way[-1].step.kind != before.kind:
            values = {"step": before.label, "before": before.kind, "after": way[-1].step.kind}
            self.problems.append(Problem("A181", values))
        elif _around(way) != self._around_before(mark.name):
            self.problems.append(Problem("A182", {"step": before.label}))
        else:
            return _Leaf(StepMark(name, mark.visit), way)
        return None

    def _step(self, name: str) -> Step:
        return self.before.way(name)[-1].step

    def _around_before(self, name: str) -> Lists:
        return tuple((self._name(block), inner) for block, inner in _around(self.before.way(name)))

    def _place_behind(self, way: Way) -> Way | None:
        """The way to where the walk goes on when the step at the end of `way` is left out; its index is the one before.

        Behind the nearest step that stood before it and is still there; without one, at the beginning of the list; when
        its block is gone too, behind that.
        """
        around = tuple((self._name(block), inner) for block, inner in _around(way))
        last = way[-1]
        for step in reversed(last.steps[: last.index]):
            there = self.after.ways.get(self._name(step.name))
            if there is not None and _around(there) == around:
                return there
        if len(way) == 1:
            return (Level("", self.after.workflow.steps, -1),)
        block = self.after.ways.get(self._name(way[-2].step.name))
        inner = next((each for each in block[-1].step.lists if each.name == last.name), None) if block else None
        if block is not None and inner is not None and block[-1].step.kind == way[-2].step.kind:
            return (*block, Level(inner.name, inner.steps, -1))
        return self._place_behind(way[:-1]) if way[-2].step.kind == "branch" else None

    # --- the tree ---------------------------------------------------------------------------------------------------

    def built(self, leaves: Sequence[_Leaf], depth: int, blocks: Mapping[str, StepMark]) -> ListMark:
        """The list at `depth` of the ways of these steps, with all that goes on inside."""
        level = leaves[0].way[depth]
        if any(leaf.way[depth].index != level.index for leaf in leaves):
            raise ProblemsFound([Problem("A182", {"step": leaf.way[-1].step.label}) for leaf in leaves])
        if len(leaves[0].way) == depth + 1:
            return ListMark(level.index, leaves[0].mark)
        step = level.step
        old = next((each for name, each in blocks.items() if self._name(name) == step.name), None)
        mark = StepMark(step.name, old.visit if old is not None else self.marking.next_visit())
        if old is not None:
            mark.opened, mark.finished = old.opened, old.finished
        for name in dict.fromkeys(leaf.way[depth + 1].name for leaf in leaves):
            inside = [leaf for leaf in leaves if leaf.way[depth + 1].name == name]
            mark.lists[name] = self.built(inside, depth + 1, blocks)
        return ListMark(level.index, mark)

    def _saved(self, visit: int, saved: Saved) -> Saved | None:
        """What a direct return has interrupted, in the words of the other definition; None when it has no place there.

        Its list must be there, with every step that was interrupted.
        """
        lists = self.marking.root.find(visit)
        name = lists[-1][0].step.name if lists is not None and lists[-1][0].step is not None else START
        depth = len(saved.list_path) - 1
        try:
            leaves = self.leaves(saved.mark)
        except ProblemsFound:
            self.problems.clear()
            return None
        above: Way = () if depth == 0 else self.after.ways.get(self._name(self._block(name, depth)), ())
        path = ("", *(level.name for level in above[1:]), saved.list_path[-1]) if depth else ("",)
        inside = all(_is_inside(leaf.way, above, path) and not leaf.left_out for leaf in leaves)
        if (depth and not above) or not inside:
            return None
        mark = self.built(leaves, len(path) - 1, _blocks(saved.mark))
        return Saved(path, mark, saved.people, self._trail(saved.trail))

    def _block(self, name: str, depth: int) -> str:
        """The block that holds the list at `depth` on the old way to a step."""
        return self.before.way(name)[depth - 1].step.name

    def _trail(self, trail: Iterable[str]) -> list[str]:
        found = [self.after.ways.get(self._name(name)) for name in trail]
        steps = [way[-1].step for way in found if way is not None]
        return [step.name for step in steps if step.is_human or step.is_final]


def _is_inside(way: Way, block: Way, path: tuple[str, ...]) -> bool:
    """Whether a way goes through the list that is called as `path` ends, of the block at the end of another way."""
    return way[: len(block)] == block and len(way) >= len(path) and way[len(path) - 1].name == path[-1]


def _around(way: Way) -> Lists:
    """The parallels on a way, each with the list that it goes through."""
    pairs = zip(way, way[1:], strict=False)
    return tuple((above.step.name, level.name) for above, level in pairs if above.step.kind == "parallel")


def _blocks(mark: ListMark) -> dict[str, StepMark]:
    """The branches and parallels that go on inside a list, by name."""
    return {each.name: each for each in _open_blocks(mark)}


def _open_blocks(mark: ListMark) -> Iterator[StepMark]:
    if mark.step is not None and mark.step.lists:
        yield mark.step
        for each in mark.step.lists.values():
            yield from _open_blocks(each)
