"""Lists of people, ways of deciding and lengths of time in words: “Finance in the initiator's department”."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from engine.catalog.effects import Who
from engine.catalog.workflows import Duration, Pass, Step, Workflow
from engine.runtime.wording import Place, ReaderLabels
from engine.runtime.work import Work
from engine.values import Label, in_language

_TEXTS: Mapping[str, tuple[str, str]] = MappingProxyType({
    "initiator": ("the initiator", "发起人"),
    "assignee": ("the handler", "处理人"),
    "within": ("{0} in {1}", "{1}的{0}"),
    "initiator_department": ("the initiator’s department", "发起人部门"),
    "head": ("head of {0}", "{0}的负责人"),
    "head_of_person": ("head of the department of {0}", "{0}所在部门的负责人"),
    "up": ("{0}, {1} up", "{0}（上 {1} 级部门）"),
    "superior": ("superior of {0}", "{0}的上级"),
    "superior_level": ("superior of {0}, {1} levels up", "{0}的第 {1} 级上级"),
    "superiors": ("the superiors of {0}, {1}", "{0}的逐级上级，{1}"),
    "until_level": ("{0} levels", "共 {0} 级"),
    "until_role": ("up to {0}", "直到{0}"),
    "until_when": ("until {0}", "直到 {0}"),
    "handler": ("who handled “{0}”", "“{0}”的处理人"),
    "chosen_by_initiator": ("chosen by the initiator from {0}", "发起人从{0}中选"),
    "chosen_by_previous": ("chosen by the handler before from {0}", "上一处理人从{0}中选"),
    "any": ("one of them decides", "其中一人决定"),
    "all": ("all must approve", "全部同意"),
    "all_fill": ("each of them", "每人都要办理"),
    "sequence": ("one after the other", "依次"),
    "vote": ("vote, {0}", "投票，{0}"),
    "at_least": ("at least {0}", "至少 {0}"),
    "more_than": ("more than {0}", "超过 {0}"),
    "minute": ("{0} minutes", "{0} 分钟"),
    "hour": ("{0} hours", "{0} 小时"),
    "day": ("{0} days", "{0} 天"),
    "workday": ("{0} workdays", "{0} 个工作日"),
    "and": (", ", "、"),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class FlowWords:
    """Says parts of a workflow in one language, naming only fields that the reader may know."""

    workflow: Workflow
    roles: Mapping[str, Label]
    labels: ReaderLabels
    language: str

    def people(self, who: Iterable[Who]) -> str:
        """A list of people."""
        return self.say("and").join(dict.fromkeys(self.person(each) for each in who))

    def person(self, who: Who) -> str:
        """One entry of a list of people."""
        match who.kind:
            case "user":
                return who.name
            case "role":
                return self._role(who)
            case "field":
                return self._path(who)
            case "department_head":
                return self._head(who)
            case "superior":
                text = "superior" if who.level == 1 else "superior_level"
                return self.say(text, self._of(who), who.level)
            case "superiors":
                return self.say("superiors", self._of(who), self._until(who))
            case "handler":
                return self.say("handler", self.step(who.name))
            case "choose":
                return self.say(f"chosen_by_{who.chosen_by}", self.people(who.candidates))
        return self.say("initiator")

    def decision(self, step: Step) -> str:
        """How the people of a step decide together."""
        mode = "all_fill" if step.kind == "fill" and step.mode == "all" else step.mode
        return self.say(mode, self.share(step.passes))

    def share(self, passes: Pass) -> str:
        """What share of the votes is needed."""
        share = str(passes.count) if passes.count is not None else str(passes.share)
        return self.say("more_than" if passes.strict and passes.count is None else "at_least", share)

    def duration(self, duration: Duration) -> str:
        """A length of time."""
        text = self.say(duration.unit, duration.amount)
        return text.removesuffix("s") if duration.amount == 1 and self.language != "zh" else text

    def step(self, name: str) -> str:
        """The label of a step; START and what is unknown by name."""
        found = next((each for each in self.workflow.all_steps() if each.name == name), None)
        return in_language(found.label, self.language) if found is not None else name

    def say(self, name: str, *values: object) -> str:
        """A phrase with its holes filled."""
        text = _TEXTS[name][self.language == "zh"]
        for at, value in enumerate(values):
            text = text.replace(f"{{{at}}}", str(value))
        return text

    def _role(self, who: Who) -> str:
        role = self._role_label(who.name)
        if who.within_initiator:
            return self.say("within", role, self.say("initiator_department"))
        return self.say("within", role, self.labels.words(who.within.node)) if who.within is not None else role

    def _role_label(self, role: str) -> str:
        return in_language(self.roles.get(role, {"en": role}), self.language)

    def _path(self, who: Who) -> str:
        return self.labels.words(who.path.node) if who.path is not None else "?"

    def _of(self, who: Who) -> str:
        return self.say(who.of) if who.of else self._path(who)

    def _head(self, who: Who) -> str:
        is_unit = who.path is not None and who.path.type.kind in ("department", "departments")
        unit = who.name or (self.say("initiator_department") if who.of == "initiator" else self._of(who))
        by_person = not is_unit and not who.name and who.of != "initiator"
        text = self.say("head_of_person" if by_person else "head", unit)
        return self.say("up", text, who.level) if who.level else text

    def _until(self, who: Who) -> str:
        if who.until_level is not None:
            return self.say("until_level", who.until_level)
        if who.until_role is not None:
            return self.say("until_role", self._role_label(who.until_role))
        return self.say("until_when", self.labels.words(who.until_when.node)) if who.until_when is not None else ""


def words_for(work: Work, workflow: Workflow, language: str) -> FlowWords:
    """The words of a workflow for the reader at work."""
    labels = ReaderLabels(work.catalog, work.rights, language, (Place(work.catalog.form(workflow.form)),))
    return FlowWords(workflow, work.catalog.roles, labels, language)
