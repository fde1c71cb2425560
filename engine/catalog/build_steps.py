"""The steps of a workflow, read one by one; whether they fit together is asked in workflow_checks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from engine.catalog.build_effects import EffectBuilder
from engine.catalog.build_who import WhoBuilder
from engine.catalog.effect_scopes import FlowScope
from engine.catalog.effects import Effect
from engine.catalog.forms import Check, Form
from engine.catalog.names import is_name
from engine.catalog.notes import Compiler, entries_of, flag_of, label_of, text_of, texts_of, whole_of, words_of
from engine.catalog.workflows import ANY, Due, Duration, FieldRights, Pass, Policies, Step, StepList, Timer
from engine.catalog.world import World
from engine.expressions.nodes import Expression
from engine.source.steps import STEP_KINDS, is_again, plain_name
from engine.source.tree import Item, find_item

_DURATION = re.compile(r"(-?\d{1,5})\s*(minute|hour|day|workday)s?\Z")
_SHARE = re.compile(r"(>?)\s*(?:(\d{1,3})\s*%|(\d{1,3})\s*/\s*(\d{1,3}))\Z")
_OPINIONS = {"approve": "optional", "reject": "required", "return": "required"}
_CALL_WORDS = {"wait": ("all", "any", "none"), "reject": ("continue", "reject", "return")}
LIST_KEYS = {"branch": "cases", "parallel": "branches"}


@dataclass(frozen=True, slots=True)
class StepBuilder:
    """Reads the steps of one workflow on `form`; `usual` is what human steps do unless they say otherwise."""

    world: World
    form: Form
    usual: Policies

    @property
    def compiler(self) -> Compiler:
        """Expressions on the record, with `flow`."""
        return Compiler(self.world.notes, FlowScope(self.world, self.form.id))

    @property
    def who(self) -> WhoBuilder:
        """Lists of people on the record."""
        return WhoBuilder(self.world, self.compiler)

    def steps(self, item: Item | None) -> tuple[Step, ...]:
        """The steps of a list."""
        return tuple(self._step(name, entry) for name, entry in entries_of(item) if self._is_step(name, entry))

    def _is_step(self, name: str, item: Item) -> bool:
        if is_again(name):
            self.world.notes.add("WF003", item.place, name=plain_name(name))
        elif "kind" not in item.map:
            self.world.notes.add("WF001", item.place, name=name)
        elif other := _other_kind(item):
            self.world.notes.add("WF002", item.map[other].place, name=name, one=item.map["kind"].text, other=other)
        elif not is_name(name):
            self.world.notes.add("C107", item.place, name=name)
        else:
            return True
        return False

    def _step(self, name: str, item: Item) -> Step:
        kind = item.map["kind"].text
        step = Step(name, kind, label_of(item.map.get("label"), name), item.place)
        step = replace(step, who=self.who.people(item.map.get("who")))
        if step.is_human:
            return self._human(step, item)
        match kind:
            case "branch" | "parallel":
                return self._block(step, item)
            case "auto":
                written = item.map.get("effects")
                return replace(step, effects={"enter": self.effects(written)})
            case "call":
                return self._call(step, item)
            case "wait":
                return self._wait(step, item)
        return replace(step, result=text_of(item, "result") or "approved", to=text_of(item, "to") or "")

    def effects(self, item: Item | None) -> tuple[Effect, ...]:
        """A list of effects."""
        return EffectBuilder(self.world, self.form).effects(item)

    # --- human steps ------------------------------------------------------------------------------------------------

    def _human(self, step: Step, item: Item) -> Step:
        written = item.map.get("effects")
        return replace(
            step,
            exclude=self.who.people(item.map.get("exclude")),
            mode=text_of(item, "mode") or "any",
            reject_to=_reject_to(item),
            reject_rule=text_of(item, "reject_rule") or "first",
            passes=self._passes(item.map.get("pass")),
            veto=flag_of(item, "veto", default=True),
            abstain=flag_of(item, "abstain"),
            rights=self.rights(item),
            checks=self.checks(item.map.get("check")),
            recheck=flag_of(item, "recheck"),
            attention=self.checks(item.map.get("attention")),
            signature=flag_of(item, "signature"),
            policies=self.policies(item, self.usual),
            timers=self._timers(item.map.get("escalate")),
            effects={name: self.effects(entry) for name, entry in entries_of(written)},
        )

    def rights(self, item: Item) -> FieldRights:
        """What may be edited, must be filled and is hidden."""
        edit, require, hide = (self._fields(item, key) for key in ("edit", "require", "hide"))
        for word in words_of(item.map.get("require")):
            if word.text in require and word.text not in edit and word.text.split(".")[0] not in edit:
                self.world.notes.add("WF051", word.at, field=word.text)
        for word in words_of(item.map.get("hide")):
            if word.text in edit or any(each.startswith(f"{word.text}.") for each in edit):
                self.world.notes.add("WF057", word.at, field=word.text)
        return FieldRights(edit, require, hide)

    def _fields(self, item: Item, key: str) -> tuple[str, ...]:
        found = []
        for word in words_of(item.map.get(key)):
            first, _, column = word.text.partition(".")
            field = self.form.fields.get(first)
            if field is None or (column and column not in field.fields):
                known = field.fields if field is not None and column else self.form.fields
                self.world.notes.unknown("WF050", word, word.text, known, form=self.form.id)
            else:
                found.append(word.text)
        return tuple(found)

    def checks(self, item: Item | None) -> tuple[Check, ...]:
        """What must hold, each with its sentence."""
        found = []
        for text, message in entries_of(item):
            holds = self.compiler.text(text, message.place, "boolean")
            if holds is not None:
                found.append(Check(holds, texts_of(message) or {"en": text}))
        return tuple(found)

    def policies(self, item: Item | None, usual: Policies) -> Policies:
        """`usual`, with what `item` says otherwise."""
        if item is None:
            return usual
        empty = item.map.get("empty")
        named = empty is not None and bool(empty.map)
        opinion = {**usual.opinion, **{key: entry.text for key, entry in entries_of(item.map.get("opinion"))}}
        allow, returns = item.map.get("allow"), item.map.get("return")
        return Policies(
            when_empty="who" if named else (text_of(item, "empty") or usual.when_empty),
            when_empty_who=self.who.people(empty) if named else usual.when_empty_who,
            self_approval=text_of(item, "self") or usual.self_approval,
            dedup=text_of(item, "dedup") or usual.dedup,
            opinion=opinion or _OPINIONS,
            allow=frozenset(word.text for word in allow.list) if allow is not None else usual.allow,
            returns=_returns(returns) if returns is not None else usual.returns,
            resume=text_of(item, "resume") or usual.resume,
            due=self._due(item.map["due"]) if "due" in item.map else usual.due,
            stale=text_of(item, "stale") or usual.stale,
        )

    def _passes(self, item: Item | None) -> Pass:
        if item is None:
            return Pass()
        if isinstance(item.value, int) and not isinstance(item.value, bool):
            return Pass(count=item.value)
        found = _SHARE.match(item.text.strip())
        if found is None or found[4] == "0":
            self.world.notes.add("WF041", item.at, value=item.text)
            return Pass()
        share = Fraction(int(found[2]), 100) if found[2] else Fraction(int(found[3]), int(found[4]))
        return Pass(share, strict=bool(found[1]))

    def _due(self, item: Item) -> Due | None:
        at = item.map.get("at")
        if at is not None:
            return Due(at=self._moment(at))
        return Due(after=self.duration(item.map["after"])) if "after" in item.map else None

    def _moment(self, item: Item) -> Expression | None:
        """An expression with = in front that gives a date or an instant."""
        found = self.compiler.expression(item, skip=1 if item.text.startswith("=") else 0)
        if found is not None and found.type.kind not in ("date", "datetime"):
            self.world.notes.add("FX017", item.at, formula=found.type.kind, field="date")
            return None
        return found

    def duration(self, item: Item) -> Duration:
        """`2 workdays`."""
        found = _DURATION.match(item.text.strip())
        if found is None:
            self.world.notes.add("WF072", item.at, value=item.text)
            return Duration(1, "day")
        return Duration(int(found[1]), found[2])

    def _timers(self, item: Item | None) -> tuple[Timer, ...]:
        return tuple(self._timer(entry) for entry in words_of(item))

    def _timer(self, item: Item) -> Timer:
        to, repeat = item.map.get("to"), item.map.get("repeat")
        is_step = to is not None and isinstance(to.value, str)
        return Timer(
            at=self._at(item.map["at"]),
            do=item.map["do"].text,
            place=item.at,
            to=self.who.people(to) if to is not None and not is_step else (),
            to_step=to.text if to is not None and is_step else None,
            every=self.duration(repeat.map["every"]) if repeat is not None else None,
            times=whole_of(repeat, "times", 1) if repeat is not None else 1,
            effects=self.effects(item.map.get("effects")),
        )

    def _at(self, item: Item) -> Duration:
        return Duration(0, "minute") if item.text == "0" else self.duration(item)

    # --- the other kinds --------------------------------------------------------------------------------------------

    def _block(self, step: Step, item: Item) -> Step:
        lists = tuple(self._lists(item.map.get(LIST_KEYS[step.kind])))
        join = item.map.get("join")
        return replace(
            step,
            lists=lists,
            join="some" if join is not None and join.map else (text_of(item, "join") or "all"),
            join_count=whole_of(join, "n", 0) if join is not None and join.map else 0,
            none=text_of(item, "none") or "",
        )

    def _lists(self, item: Item | None) -> Iterator[StepList]:
        for name, entry in entries_of(item):
            if is_again(name):
                self.world.notes.add("WF003", entry.place, name=plain_name(name))
            when = self.compiler.condition(entry.map.get("when"))
            label = label_of(entry.map.get("label"), name)
            steps = self.steps(entry.map.get("steps"))
            yield StepList(name, label, when, steps, entry.place, otherwise=flag_of(entry, "else"))

    def _call(self, step: Step, item: Item) -> Step:
        for key, known in _CALL_WORDS.items():
            written = item.map.get(key)
            if written is not None and written.text not in known:
                self.world.notes.add("WF098", written.at, key=key, value=written.text, known=", ".join(known))
        step = replace(
            step,
            calls=self.world.full_id(text_of(item, "workflow") or "", self.form.app),
            wait_for=text_of(item, "wait") or "all",
            on_reject=text_of(item, "reject") or "continue",
            most=whole_of(item, "max", 200),
            repeatable=flag_of(item, "repeatable"),
        )
        return EffectBuilder(self.world, self.form).call(step, item)

    def _wait(self, step: Step, item: Item) -> Step:
        until, timeout = item.map.get("until"), item.map.get("timeout")
        if until is None or len(until.map) != 1:
            self.world.notes.add("WF035", item.place, name=step.name)
            return step
        at, after = until.map.get("at"), until.map.get("after")
        return replace(
            step,
            until=self.compiler.condition(until.map.get("when")),
            until_at=self._moment(at) if at is not None else None,
            until_after=self.duration(after) if after is not None else None,
            timeout=self.duration(timeout.map["after"]) if timeout is not None else None,
            on_timeout=timeout.map["do"].text if timeout is not None else "continue",
        )


def _other_kind(item: Item) -> str:
    """Another kind that is written as well; `wait` of a call is none."""
    kind = item.map["kind"].text
    others = (key for key in STEP_KINDS if key in item.map and (kind, key) != ("call", "wait"))
    return next(others, "")


def _reject_to(item: Item) -> str:
    found = find_item(item, ("reject", "to"))
    return found.text if found is not None else "end"


def _returns(item: Item) -> tuple[str, ...]:
    return ANY if item.text == "any" else tuple(word.text for word in words_of(item))
