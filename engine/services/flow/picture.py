"""The picture of a workflow: its steps from top to bottom, branches and parallels as boxes that hold lists of steps.

Lists of a box stand side by side where there is room, else one below the other, so it can be read on a phone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from engine.catalog.effects import Effect
from engine.catalog.workflows import ANY, Step, StepList, Workflow
from engine.runtime.work import Work
from engine.services.flow.shapes import LINE_HEIGHT, Arrow, Box, Mark, Picture, Shape, Words, as_svg, width_of, wrapped
from engine.services.flow.who_words import FlowWords, words_for
from engine.values import Label, in_language

__all__ = ["NARROW", "WIDE", "Picture", "PictureState", "as_svg", "draw"]

NARROW, WIDE = 340, 720
START, END = "start", "end"
_GAP, _PAD, _LEAST, _CARD, _EDGE = 20, 12, 165, 420, 4
_TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "start": ("Start", "发起"),
    "everybody": ("everybody who may create", "有新建权限的人"),
    "approved": ("Approved", "通过"),
    "rejected": ("Rejected", "驳回"),
    "approve": ("Approval", "审批"),
    "fill": ("To fill in", "办理"),
    "cc": ("Is told", "抄送"),
    "auto": ("By itself", "自动"),
    "call": ("Starts “{0}”", "发起“{0}”"),
    "wait": ("Waits", "等待"),
    "until": ("until {0}", "直到 {0}"),
    "for": ("for {0}", "{0}"),
    "late_continue": ("at most {0}, then goes on", "最多 {0}，超时继续"),
    "late_reject": ("at most {0}, then refused", "最多 {0}，超时不通过"),
    "late_end": ("at most {0}, then ends", "最多 {0}，超时结束"),
    "call_all": ("goes on when all have ended", "全部结束后继续"),
    "call_any": ("goes on when one has ended", "其中一个结束后继续"),
    "call_none": ("goes on at once", "不等待，直接继续"),
    "goto": ("Back to “{0}”", "回到“{0}”"),
    "returns": ("May return to {0}", "可退回：{0}"),
    "everywhere": ("every step passed", "任意已过步骤"),
    "previous": ("the step before", "上一步"),
    "refused_start": ("If rejected: back to the start", "不同意：退回发起人"),
    "refused_end": ("If rejected: ends", "不同意：结束"),
    "refused_step": ("If rejected: back to “{0}”", "不同意：退回“{0}”"),
    "due": ("Due within {0}", "限时 {0}"),
    "branch": ("the first that applies", "满足的第一个分支"),
    "parallel_all": ("at the same time, all must finish", "同时进行，全部完成后继续"),
    "parallel_any": ("at the same time, one is enough", "同时进行，完成一个即可"),
    "parallel_some": ("at the same time, {0} are enough", "同时进行，完成 {0} 个即可"),
    "if": ("If {0}", "若 {0}"),
    "named_if": ("{0}: if {1}", "{0}：若 {1}"),
    "else": ("Otherwise", "其他情况"),
    "named_else": ("{0}: otherwise", "{0}：其他情况"),
    "nothing": ("goes on", "直接继续"),
    "set": ("sets {0}", "设置{0}"),
    "create": ("creates {0}", "新建{0}"),
    "update": ("changes {0}", "更新{0}"),
    "lock": ("locks the record", "锁定记录"),
    "unlock": ("unlocks the record", "解锁记录"),
    "notify": ("tells {0}", "通知{0}"),
    "webhook": ("calls another system", "调用外部系统"),
    "effect_start": ("starts another approval", "发起其他流程"),
    "number": ("gives a number", "生成编号"),
    "now": ("now here: {0}", "当前：{0}"),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class PictureState:
    """Where an instance stands: the steps that wait, those passed, and the one whose refusal ended it.

    START and END are steps too.
    """

    current: frozenset[str] = frozenset()
    passed: frozenset[str] = frozenset()
    refused: frozenset[str] = frozenset()

    def of(self, name: str) -> str:
        """current | passed | refused; step when it has not come there."""
        if name in self.current:
            return "current"
        if name in self.refused:
            return "refused"
        return "passed" if name in self.passed else "step"


def draw(
    work: Work, workflow: Workflow, language: str, state: PictureState | None = None, *, width: int = NARROW
) -> Picture:
    """The picture of a workflow for the reader at work, `width` units wide."""
    drawing = _Drawing(work, words_for(work, workflow, language), state or PictureState())
    height = drawing.whole(width)
    return Picture(width, height, in_language(workflow.label, language), drawing.told(), tuple(drawing.shapes))


@dataclass
class _Drawing:
    """Shapes as they are added; every method draws at (x, y) and answers where it ends below."""

    work: Work
    words: FlowWords
    state: PictureState
    shapes: list[Shape] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def whole(self, width: int) -> int:
        """Start, steps and end."""
        flow = self.words.workflow
        who = self.words.people(flow.start.who) or self._say("everybody")
        y = self._card(START, START, self._say("start"), [who], 1, 1, width - 2)
        y = self._list(flow.steps, 1, self._arrow(width // 2, y), width - 2)
        if not flow.steps or flow.steps[-1].kind not in ("end", "goto"):
            y = self._pill(self._say("approved"), "good", 1, self._arrow(width // 2, y), width - 2, name=END)
        return y + 1

    def told(self) -> str:
        """The picture for those who do not see it: where it stands, and the names of the steps in order."""
        now = [self._name(name) for name in sorted(self.state.current)]
        here = [self._say("now", ", ".join(now))] if now else []
        return "; ".join([*here, *self.lines])

    # --- lists and blocks -------------------------------------------------------------------------------------------

    def _list(self, steps: tuple[Step, ...], x: int, y: int, width: int) -> int:
        for place, step in enumerate(steps):
            y = self._arrow(x + width // 2, y) if place else y
            y = self._step(step, x, y, width)
        return y

    def _step(self, step: Step, x: int, y: int, width: int) -> int:
        label = self._label(step.label)
        if step.kind in ("branch", "parallel"):
            return self._block(step, label, x, y, width)
        if step.kind == "end":
            return self._pill(self._say(step.result), "good" if step.result == "approved" else "bad", x, y, width)
        if step.kind == "goto":
            return self._pill(self._say("goto", self._name(step.to)), "step", x, y, width)
        return self._card(step.name, step.kind, label, self._details(step), x, y, width)

    def _block(self, step: Step, label: str, x: int, y: int, width: int) -> int:
        place, room = len(self.shapes), width - 2 * _PAD
        how = "branch" if step.kind == "branch" else f"parallel_{step.join}"
        bottom = self._texts(label, "name", x + _PAD, y + _PAD, room)
        bottom = self._texts(self._say(how, step.join_count), "detail", x + _PAD, bottom, room) + 8
        self.lines.append(label)
        columns = len(step.lists) if step.lists and room // len(step.lists) >= _LEAST else 1
        wide = (room - _PAD * (columns - 1)) // columns
        ends = [bottom]
        for number, each in enumerate(step.lists):
            left, top = (x + _PAD + number * (wide + _PAD), bottom) if columns > 1 else (x + _PAD, ends[-1])
            ends.append(self._lane(each, left, top, wide) + _PAD)
        end = max(ends)
        self.shapes.insert(place, Box(x, y, width, end - y, step.kind, radius=12))
        return end

    def _lane(self, each: StepList, x: int, y: int, width: int) -> int:
        place = len(self.shapes)
        heading = self._heading(each)
        end = self._texts(heading, "heading", x + 8, y + 4, width - 16) + 4
        taken = any(self.state.of(name) != "step" for name in _names(each))
        self.shapes.insert(place, Box(x, y, width, end - y, "taken" if taken else "heading", radius=6))
        self.lines.append(heading)
        if not each.steps:
            return self._texts(self._say("nothing"), "detail", x + 8, end + 4, width - 16)
        return self._list(each.steps, x, self._arrow(x + width // 2, end), width)

    def _heading(self, each: StepList) -> str:
        label = self._label(each.label)
        named = not each.name.startswith("case_") and each.name != "else"
        if each.otherwise:
            return self._say("named_else", label) if named else self._say("else")
        if each.when is None:
            return label
        when = self.words.labels.words(each.when.node)
        return self._say("named_if", label, when) if named else self._say("if", when)

    # --- single steps -----------------------------------------------------------------------------------------------

    def _card(self, name: str, kind: str, label: str, details: list[str], x: int, y: int, width: int) -> int:
        if width > _CARD:  # short lines do not need a wide card
            x, width = x + (width - _CARD) // 2, _CARD
        state = self.state.of(name)
        place = len(self.shapes)
        left = x + _PAD + _EDGE
        room = width - 2 * _PAD - _EDGE - (0 if state == "step" else 20)
        end = self._texts(label, "name", left, y + _PAD - 4, room)
        for detail in details:
            end = self._texts(detail, "detail", left, end, room)
        bottom = end + _PAD - 2
        edge = Box(x + 5, y + 7, _EDGE, bottom - y - 14, f"{kind}_edge", radius=2)
        self.shapes[place:place] = [Box(x, y, width, bottom - y, state), edge]
        if state != "step":
            self.shapes.append(Mark(x + width - 18, y + 18, state))
        self.lines.append(label)
        return bottom

    def _details(self, step: Step) -> list[str]:
        if step.kind == "call":
            called = self.work.catalog.workflows.get(step.calls)
            started = self._say("call", self._label(called.label) if called else step.calls)
            return [started, self._say(f"call_{step.wait_for}")]
        if step.kind == "wait":
            return [f"{self._say('wait')} {self._until(step)}".strip(), *self._at_most(step)]
        if step.kind == "auto":
            return [self._say("auto"), *self._effects(step.effects.get("enter", ()))]
        who = f"{self._say(step.kind)}: {self.words.people(step.who)}".replace(": ", "：" if self._zh else ": ")
        if not step.is_human:
            return [who]
        details = [who, *self._how(step)]
        due = step.policies.due
        if due is not None and due.after is not None:
            details.append(self._say("due", self.words.duration(due.after)))
        return details

    def _how(self, step: Step) -> list[str]:
        """How several decide, and where refusals and returns lead."""
        found = [] if step.mode == "any" else [self.words.decision(step)]
        if step.kind == "approve":
            way = f"refused_{step.reject_to}" if step.reject_to in (START, END) else "refused_step"
            found.append(self._say(way, self._name(step.reject_to)))
        returns = step.policies.returns
        if returns == ANY:
            found.append(self._say("returns", self._say("everywhere")))
        elif returns:
            found.append(self._say("returns", self.words.say("and").join(self._name(each) for each in returns)))
        return found

    def _until(self, step: Step) -> str:
        if step.until is not None:
            return self._say("until", self.words.labels.words(step.until.node))
        if step.until_at is not None:
            return self._say("until", self.words.labels.words(step.until_at.node))
        return self._say("for", self.words.duration(step.until_after)) if step.until_after is not None else ""

    def _at_most(self, step: Step) -> list[str]:
        """What happens when it takes too long."""
        if step.timeout is None:
            return []
        return [self._say(f"late_{step.on_timeout}", self.words.duration(step.timeout))]

    def _effects(self, effects: tuple[Effect, ...]) -> list[str]:
        return list(dict.fromkeys(self._effect(each) for each in effects))

    def _effect(self, effect: Effect) -> str:
        labels = self.words.labels
        form, language = self.work.catalog.form(self.words.workflow.form), self.words.language
        match effect.kind:
            case "set":
                known = [form.fields[name] for name in effect.values if labels.knows(labels.places[0], (name,))]
                names = (in_language(each.label, language) for each in known)
                return self._say("set", self.words.say("and").join(names))
            case "create" | "update":
                return self._say(effect.kind, in_language(self.work.catalog.form(effect.form).label, language))
            case "notify":
                return self._say("notify", self.words.people(effect.who))
            case "start":
                return self._say("effect_start")
        return self._say(effect.kind)

    def _pill(self, text: str, kind: str, x: int, y: int, width: int, *, name: str = "") -> int:
        lines = wrapped(text, "pill", width - 40)
        wide = min(width, max(width_of(each, "pill") for each in lines) + 40)
        high = len(lines) * LINE_HEIGHT["pill"] + 10
        self.shapes.append(Box(x + (width - wide) // 2, y, wide, high, kind, radius=16))
        for number, line in enumerate(lines):
            base = y + 19 + number * LINE_HEIGHT["pill"]
            self.shapes.append(Words(x + width // 2, base, line, "pill", centred=True))
        self.lines.append(text)
        if name in self.state.passed:
            self.shapes.append(Mark(x + (width + wide) // 2 + 12, y + high // 2, "passed"))
        return y + high

    # --- small things -----------------------------------------------------------------------------------------------

    def _texts(self, text: str, kind: str, x: int, y: int, room: int) -> int:
        for line in wrapped(text, kind, room):
            y += LINE_HEIGHT[kind]
            self.shapes.append(Words(x, y - 4, line, kind))
        return y

    def _arrow(self, x: int, y: int) -> int:
        self.shapes.append(Arrow(x, y + 1, _GAP - 2))
        return y + _GAP

    def _name(self, name: str) -> str:
        return self._say(name) if name in (START, "previous") else self.words.step(name)

    def _label(self, label: Label) -> str:
        return in_language(label, self.words.language)

    @property
    def _zh(self) -> bool:
        return self.words.language == "zh"

    def _say(self, name: str, *values: object) -> str:
        text = _TEXTS[name][self._zh]
        for at, value in enumerate(values):
            text = text.replace(f"{{{at}}}", str(value))
        return text


def _names(each: StepList) -> Iterator[str]:
    """The steps of a list and of the lists in it."""
    for step in each.steps:
        yield step.name
        for inner in step.lists:
            yield from _names(inner)
