"""Random companies whose formulas read each other across forms: sums of sums, values of links, lines, trees, relations.

Formulas are made one after the other and read only what was there before, so that whatever way they cross the forms
there is no cycle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

INPUTS: Mapping[str, str] = {
    "n": "money",
    "k": "integer",
    "s": "{type: choice, choices: [a, b, c]}",
    "day": "date",
    "code": "{type: choice, choices: [p, q, r]}",
    "flag": "boolean",
}
FILTERS = ("", '[s = "a"]', "[flag and n > 0]", "[day > DATE(2024, 3, 1)]", "[n > this.n]", "[ISEMPTY(s) or k >= 1]")
LINES = """
          lines:
            type: lines
            fields:
              qty: {type: number, places: 2}
              price: money
              amount: {type: money, formula: "ROUND(qty * price, 2)"}
"""


@dataclass
class FormPlan:
    """A form in the making: the forms its links lead to, and its formulas in the order they were made."""

    name: str
    links: dict[str, str] = field(default_factory=dict)
    deletes: dict[str, str] = field(default_factory=dict)
    tree: bool = False
    lines: bool = False
    relations: dict[str, tuple[str, str]] = field(default_factory=dict)
    formulas: dict[str, tuple[str, str]] = field(default_factory=dict)

    def numbers(self) -> list[str]:
        """What can be calculated with."""
        return ["n", "k", *self.formulas]

    def definition(self) -> str:
        """The form's file."""
        rows = [f"form: crm.{self.name}", f"label: {self.name}", 'title: "{code}"', "fields:"]
        rows += [f"  {name}: {kind}" for name, kind in INPUTS.items()]
        for link, target in self.links.items():
            inverse = f"{{name: {rows_of(self.name, link)}, label: Rows}}"
            rows.append(
                f"  {link}: {{type: link, to: crm.{target}, on_delete: {self.deletes[link]}, inverse: {inverse}}}"
            )
        if self.tree:
            rows.append(f"  over: {{type: link, to: crm.{self.name}, tree: true, on_delete: clear}}")
        if self.lines:
            rows += [line[8:] for line in LINES.strip("\n").splitlines()]
        for name, (text, compute) in self.formulas.items():
            rows.append(f"  {name}: {{type: number, places: 4, compute: {compute}, formula: '{text}'}}")
        if self.relations:
            rows.append("relations:")
            rows += [
                f"  {name}: {{form: crm.{form}, match: '{match}'}}" for name, (form, match) in self.relations.items()
            ]
        return "\n".join(rows) + "\n"


def rows_of(form: str, link: str) -> str:
    """The name of the other side of a link."""
    return f"{form}_by_{link}"


class GraphMaker:
    """Makes the forms of one random company."""

    def __init__(self, seed: int, forms: int = 4, formulas: int = 14) -> None:
        self.chance = Random(seed)  # noqa: S311
        self.forms = [FormPlan(f"g{at}") for at in range(forms)]
        for at, form in enumerate(self.forms):
            self._connect(form, self.forms[:at])
        for number in range(formulas):
            self._formula(self.chance.choice(self.forms), f"f{number}")

    def files(self) -> Mapping[str, str]:
        """The site's files."""
        app = {"forms/crm/app.yaml": "app: crm\nlabel: CRM\n"}
        return app | {f"forms/crm/{form.name}.yaml": form.definition() for form in self.forms}

    def _connect(self, form: FormPlan, before: Sequence[FormPlan]) -> None:
        chance = self.chance
        for link in ("up", "also")[: 0 if not before else chance.choice((1, 1, 2))]:
            form.links[link] = chance.choice(before).name
            form.deletes[link] = chance.choice(("clear", "cascade", "restrict"))
        form.tree = chance.random() < 0.3
        form.lines = chance.random() < 0.5
        if before and chance.random() < 0.5:
            extra = chance.choice(("", " and n > 0", " and day >= this.day", ' and s <> "c"'))
            form.relations["alike"] = (chance.choice(before).name, f"code = this.code{extra}")

    def _formula(self, form: FormPlan, name: str) -> None:
        ways = [self._own(form)] * 2 + [*self._rollups(form)] * 2 + [*self._behind(form)]
        text = self.chance.choice(ways)
        if self.chance.random() < 0.3:
            text = f"N0({text}) + {self.chance.choice(form.numbers())}"
        form.formulas[name] = (text, "stored")

    def _own(self, form: FormPlan) -> str:
        one, other = self.chance.choice(form.numbers()), self.chance.choice(form.numbers())
        shapes = (
            "{0} + {1}",
            "ROUND({0} * 1.5, 2)",
            'IF(s = "a", {0}, {1})',
            "N0({0}) - N0({1})",
            "{0} / 3",
            "MAX({0}, {1})",
        )
        return self.chance.choice(shapes).format(one, other)

    def _rollups(self, form: FormPlan) -> Iterator[str]:
        for rows, kind in self._sources(form):
            number = self.chance.choice(kind.numbers())
            where = self.chance.choice(FILTERS)
            shape = self.chance.choice(("SUM({0}{1}.{2})", "SUM({0}{1}.{2})", "COUNT({0}{1})", "MAX({0}{1}.{2})", "MIN({0}{1}.{2})", "AVG({0}{1}.{2})", "SUM({0}{1}, {2} * N0(k))", "IF(ANY({0}{1}, flag), 1, 0)"))  # fmt: skip
            yield shape.format(rows, where, number)
        if form.lines:
            yield self.chance.choice(("SUM(lines.amount)", "SUM(lines, qty * price)", "COUNT(lines[price > 1])"))

    def _sources(self, form: FormPlan) -> Iterator[tuple[str, FormPlan]]:
        for other in self.forms:
            for link, target in other.links.items():
                if target == form.name:
                    yield rows_of(other.name, link), other
        for name, (other_name, _) in form.relations.items():
            yield name, self._named(other_name)
        if form.tree:
            inputs = FormPlan(form.name)  # sums of a tree over its own formulas would be cycles
            yield self.chance.choice(("below", "above")), inputs

    def _behind(self, form: FormPlan) -> Iterator[str]:
        for link, target in form.links.items():
            beyond = self._named(target)
            yield f"{link}.{self.chance.choice(beyond.numbers())} * 2"
            for further, end in beyond.links.items():
                yield f"{link}.{further}.{self.chance.choice(self._named(end).numbers())}"

    def _named(self, name: str) -> FormPlan:
        return next(form for form in self.forms if form.name == name)


def random_values(chance: Random, form: FormPlan, ids: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    """What a user may fill in: some of the inputs and links."""
    choices: dict[str, Any] = {
        "n": [None, "0", "-5.25", "10", "99.99", "1234.5"], "k": [None, 0, 1, 7], "s": [None, "a", "b", "c"],
        "day": [None, "2024-01-31", "2024-03-02", "2024-12-31"], "code": [None, "p", "q", "r"], "flag": [True, False],
    }  # fmt: skip
    found = {name: chance.choice(values) for name, values in choices.items() if chance.random() < 0.6}
    targets = {**form.links, **({"over": form.name} if form.tree else {})}
    for link, target in targets.items():
        if chance.random() < 0.6:
            found[link] = chance.choice([None, *ids[target][:6], *ids[target][:6]])
    if form.lines and chance.random() < 0.4:
        found["lines"] = [
            {"qty": chance.choice(["1", "2.5", None]), "price": chance.choice(["0.5", "10", None])}
            for _ in range(chance.randint(0, 3))
        ]
    return found
