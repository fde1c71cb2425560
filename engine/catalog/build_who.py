"""Lists of people in definitions: roles, fields, superiors, heads, handlers of other steps."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.catalog.effects import Who
from engine.catalog.notes import Compiler, text_of, whole_of, words_of
from engine.catalog.world import World
from engine.expressions.nodes import Expression
from engine.problems import near_name
from engine.source.tree import Item, find_item

PEOPLE = ("person", "people")
DEPARTMENTS = ("department", "departments")
WHO_KINDS = ("user", "role", "field", "department_head", "superior", "superiors", "handler", "choose")


@dataclass(frozen=True, slots=True)
class WhoBuilder:
    """Reads lists of people that stand on one form; `compiler` in the scope of the workflow or effect."""

    world: World
    compiler: Compiler

    def people(self, item: Item | None) -> tuple[Who, ...]:
        """The entries; what is wrong is noted and left out."""
        found = (self._entry(entry) for entry in words_of(item))
        return tuple(each for each in found if each is not None)

    def _entry(self, item: Item) -> Who | None:
        if item.text == "initiator":
            return Who("initiator", item.at)
        kinds = [key for key in WHO_KINDS if key in item.map]
        if len(kinds) != 1:
            known = ("initiator", *WHO_KINDS)
            self.world.notes.add("WF061", item.at, known=", ".join(known), near=near_name(item.text, known))
            return None
        found = self._found(kinds[0], item, item.map[kinds[0]])
        return replace(found, weight=whole_of(item, "weight", 1))

    def _found(self, kind: str, item: Item, written: Item) -> Who:
        match kind:
            case "role":
                return self._role(item, written)
            case "field":
                return Who("field", written.at, path=self._path(written, PEOPLE))
            case "department_head":
                return self._head(item, written)
            case "superior":
                return replace(self._of("superior", written, PEOPLE), level=whole_of(item, "level", 1))
            case "superiors":
                return self._superiors(item, written)
            case "choose":
                return self._choose(written)
        return Who(kind, written.at, name=written.text)  # user, handler: looked up when all is known

    def _role(self, item: Item, written: Item) -> Who:
        if written.text not in self.world.roles:
            self.world.notes.unknown("WF060", written, written.text, self.world.roles)
        within = item.map.get("within")
        by_initiator = within is not None and within.text == "initiator_department"
        path = self._path(within, DEPARTMENTS) if within is not None and not by_initiator else None
        return Who("role", written.at, name=written.text, within=path, within_initiator=by_initiator)

    def _head(self, item: Item, written: Item) -> Who:
        up = whole_of(item, "up", 0)
        if "dept" in written.map:
            return Who("department_head", written.at, name=written.map["dept"].text, level=up)
        return replace(self._of("department_head", written, (*PEOPLE, *DEPARTMENTS)), level=up)

    def _of(self, kind: str, written: Item, wanted: tuple[str, ...]) -> Who:
        """`initiator`, `assignee`, or a field."""
        if written.text in ("initiator", "assignee"):
            return Who(kind, written.at, of=written.text)
        return Who(kind, written.at, path=self._path(written, wanted))

    def _superiors(self, item: Item, written: Item) -> Who:
        found = self._of("superiors", written, PEOPLE)
        until = item.map.get("until")
        if until is None or not until.map:
            self.world.notes.add("WF064", written.at)
            return found
        role = text_of(until, "role")
        if role is not None and role not in self.world.roles:
            self.world.notes.unknown("WF060", until.map["role"], role, self.world.roles)
        level = whole_of(until, "level", 0) or None
        when = self.compiler.condition(until.map.get("when"))
        return replace(found, until_level=level, until_role=role, until_when=when)

    def _choose(self, written: Item) -> Who:
        return Who(
            "choose",
            written.at,
            candidates=self.people(find_item(written, ("from",))),
            chosen_by=text_of(written, "by") or "initiator",
            least=whole_of(written, "min", 1),
            most=whole_of(written, "max", 20),
        )

    def _path(self, written: Item, wanted: tuple[str, ...]) -> Expression | None:
        """A field or path that leads to people or departments."""
        found = self.compiler.expression(written)
        if found is not None and found.type.kind not in wanted:
            self.world.notes.add("WF062", written.at, name=written.text, expected=" / ".join(wanted))
            return None
        return found
