"""What random expressions are asked of: a form with fields of every type, its lines, links and related records, filled
with awkward values; in memory, and in a database of either kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from engine.catalog.catalog import Catalog
from engine.catalog.scopes import FormScope
from engine.expressions import Expression, Moment, Scope, compile_expression
from engine.storage.calendar import calendar_at, refresh_calendar
from engine.storage.database import Database, DatabaseAddress, UnitOfWork, open_database
from engine.storage.records import insert_records
from engine.storage.schema_apply import apply_plan
from engine.storage.schema_plan import plan_schema
from tests.expressions.surroundings import Record
from tests.sites import build_test_catalog

THING = "crm.thing"
NOW = datetime(2024, 6, 15, 4, 0, tzinfo=UTC)
ME = 1
PEOPLE = ("One", "Two")
ZONES = (
    "Asia/Shanghai",
    "America/New_York",
    "Asia/Kolkata",
    "Europe/London",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "UTC",
)

FILES: Mapping[str, str] = {
    "forms/crm/place.yaml": """
        form: crm.place
        label: Place
        title: "{name}"
        fields:
          name: text
          size: {type: number, places: 4}
          since: date
          opened: datetime
          good: boolean
          kind: {type: choice, choices: [x, y, z]}
          up: {type: link, to: crm.place}
        """,
    "forms/crm/thing.yaml": """
        form: crm.thing
        label: Thing
        title: "{t}"
        fields:
          a: {type: number, places: 4}
          b: {type: number, places: 4}
          c: money
          i: integer
          w: {type: number, places: 12}
          r: percent
          zero: {type: money, blank: zero}
          t: text
          u: text
          d: date
          e: date
          m: datetime
          n: datetime
          span: duration
          clock: time
          p: boolean
          q: boolean
          kind: {type: choice, choices: [x, y, z]}
          tags: {type: choices, choices: [x, y, z]}
          who: user
          home: {type: link, to: crm.place}
          away: {type: link, to: crm.place}
          lines:
            type: lines
            fields:
              qty: {type: number, places: 2}
              price: money
              name: text
              day: date
              at: datetime
              fine: boolean
              kind: {type: choice, choices: [x, y, z]}
              place: {type: link, to: crm.place}
        """,
    "forms/crm/visit.yaml": """
        form: crm.visit
        label: Visit
        title: "{note}"
        fields:
          thing: {type: link, to: crm.thing, inverse: {name: visits, label: Visits}}
          cost: money
          share: {type: number, places: 4}
          note: text
          day: date
          at: datetime
          fine: boolean
          place: {type: link, to: crm.place}
        """,
}

MONEY = ["0", "0.01", "-0.5", "1", "-2.5", "1.01", "12345.67", "9999999999999999.99", "-9999999999999999.99", "100000"]
FOUR = [
    "0",
    "1",
    "-1",
    "0.5",
    "-2.5",
    "1.005",
    "99999999999999.9999",
    "-0.0001",
    "12345.6789",
    "3",
    "2024",
    "-99999999999999.9999",
]
TEXTS = [
    "a", "B", "ab", "客户", "😀x", "😁😀", "～", "straße", "İı", "12.5", "-3", "１２", "2024-02-29", "2023-02-29", "x", "y",
    "é", "a'b\"c", "%_\\", "\u3000空", "ﬀ", "A-B-C", "𠮷野家", "001",
]  # fmt: skip
DATES = [
    "1900-01-01", "1900-02-28", "2024-01-31", "2024-02-29", "2023-02-28", "2023-12-31", "2024-12-30", "9999-12-31",
    "1988-07-01", "2024-03-31", "2000-02-29", "2024-06-15",
]  # fmt: skip
INSTANTS = [
    "1988-07-01T00:00:00Z", "2024-12-31T16:00:00Z", "2024-06-15T03:59:59Z", "1986-05-03T15:30:00Z",
    "2024-03-10T06:59:59Z", "2024-11-03T05:30:00Z", "1970-01-01T00:00:00Z", "2011-12-30T10:30:00Z", "2024-10-27T00:30:00Z",
    "9999-12-30T23:59:59Z", "1900-01-02T00:00:00Z", "1950-01-31T12:00:00Z",
]  # fmt: skip
KINDS = ["x", "y", "z"]

Kinds = Mapping[str, Sequence[Any]]
NUMBERS: Kinds = {
    "a": FOUR, "b": FOUR, "c": MONEY, "i": ["0", "1", "-1", "31", "999999999999999999", "-7"], "zero": MONEY,
    "w": ["0", "0.000000000001", "-999999.999999999999", "0.333333333333", "1"], "r": ["0", "0.1", "0.0525", "-1", "1"],
}  # fmt: skip
VALUES: Kinds = {
    **NUMBERS, "t": TEXTS, "u": TEXTS, "d": DATES, "e": DATES, "m": INSTANTS, "n": INSTANTS,
    "span": [0, 1, -3600, 5400, 86400, 10**9], "clock": ["00:00:00", "08:30:00", "23:59:59"], "p": [True, False], "q": [True, False],
    "kind": KINDS, "tags": [("x",), ("x", "y"), ("z", "x"), ("x", "y", "z")], "who": [1, 2],
}  # fmt: skip
LINES: Kinds = {
    "qty": ["0", "1", "2", "0.01", "-3.5"], "price": MONEY, "name": TEXTS, "day": DATES, "at": INSTANTS,
    "fine": [True, False], "kind": KINDS,
}  # fmt: skip
VISITS: Kinds = {
    "cost": MONEY, "share": FOUR, "note": TEXTS, "day": DATES, "at": INSTANTS, "fine": [True, False],
}  # fmt: skip
PLACES: Kinds = {
    "name": TEXTS, "size": FOUR, "since": DATES, "opened": INSTANTS, "good": [True, False], "kind": KINDS,
}  # fmt: skip
_NUMBER_FIELDS = frozenset(NUMBERS) | {"qty", "price", "cost", "share", "size"}
_BOOLEANS = frozenset({"p", "q", "good", "fine"})


@dataclass(frozen=True)
class Ground:
    """The definitions, and records as plain values: places, things with lines, visits of things."""

    catalog: Catalog
    places: Sequence[dict[str, Any]]
    things: Sequence[dict[str, Any]]
    visits: Sequence[dict[str, Any]]

    @property
    def moment(self) -> Moment:
        zone = ZoneInfo(self.catalog.company.time_zone)
        return Moment(NOW, zone, ME, calendar=calendar_at(self.catalog, NOW))

    def scope(self) -> Scope:
        return FormScope(self.catalog, THING)

    def compile(self, text: str) -> Expression:
        return compile_expression(text, self.scope())

    def records(self) -> list[Record]:
        """The things for the evaluators in Python, in the order of their ids (1, 2 …)."""
        return [Record(self.flat(thing), self._rows(at + 1, thing)) for at, thing in enumerate(self.things)]

    def flat(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """The values by dotted path, those behind links among them."""
        found = {name: value for name, value in values.items() if name != "lines"}
        if values.get("who") is not None:
            found["who.name"] = PEOPLE[values["who"] - 1]
        for name in ("home", "away", "place", "up"):
            at = values.get(name)
            if at is not None:
                behind = self.flat(self.places[at - 1])
                found.update({f"{name}.{inner}": value for inner, value in behind.items()})
                found[f"{name}.id"] = at
        return found

    def _rows(self, id_: int, thing: Mapping[str, Any]) -> dict[str, list[Record]]:
        visits = [each for each in self.visits if each["thing"] == id_]
        return {
            "lines": [Record(self.flat(row)) for row in thing["lines"]],
            "visits": [Record({**self.flat(row), "id": self.visits.index(row) + 1}) for row in visits],
        }


def build_ground(seed: int, zone: str = ZONES[0], things: int = 12) -> Ground:
    """A company in `zone` with random records; the first ones empty and full."""
    company = f"company: acme\nlabel: Acme\napps: [crm]\nlanguage: en\ntime_zone: {zone}\n"
    catalog = build_test_catalog({**FILES, "forms/companies/acme/company.yaml": company})
    chance = Random(seed)  # noqa: S311
    places: list[dict[str, Any]] = []
    for at in range(5):
        places.append({**_some(chance, PLACES), "up": chance.choice([None, at or None])})
    found = [_thing(chance, at) for at in range(things)]
    visits = [
        {**_some(chance, VISITS), "thing": chance.randint(1, things), "place": chance.choice([None, 1, 2])}
        for _ in range(things * 2)
    ]
    return Ground(catalog, places, found, visits)


def _thing(chance: Random, at: int) -> dict[str, Any]:
    if at == 0:
        return {**_python({}, VALUES), "home": None, "away": None, "lines": []}
    rows = [{**_some(chance, LINES), "place": chance.choice([None, 1, 2, 3])} for _ in range(chance.randint(0, 3))]
    links = {name: chance.choice([None, 1, 2, 3, 4, 5]) for name in ("home", "away")}
    return {**_some(chance, VALUES), **links, "lines": rows}


def _some(chance: Random, values: Kinds) -> dict[str, Any]:
    chosen = {name: chance.choice([None, *each]) for name, each in values.items()}
    return _python(chosen, values)


def _python(chosen: Mapping[str, Any], values: Kinds) -> dict[str, Any]:
    return {name: python_value(name, values[name], chosen.get(name)) for name in values}


def python_value(name: str, known: Sequence[Any], value: Any) -> Any:
    """A value as the program keeps it."""
    if value is None:
        return False if name in _BOOLEANS else () if name == "tags" else None
    if name in _NUMBER_FIELDS:
        return Decimal(value)
    if known is DATES:
        return date.fromisoformat(value)
    if known is INSTANTS:
        return datetime.fromisoformat(value)
    return time.fromisoformat(value) if name == "clock" else value


def wire(value: object) -> object:
    """A value as it goes over the wire."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, (date, time)):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


@contextmanager
def opened(ground: Ground, address: DatabaseAddress) -> Iterator[Database]:
    """A database with the tables and the records of the ground."""
    database = open_database(address, ground.catalog)
    try:
        with database.writing() as connection:
            uow = UnitOfWork(connection, database, ground.catalog, NOW, None)
            apply_plan(uow, plan_schema(connection, ground.catalog))
            refresh_calendar(uow)
            insert_records(uow, "people.person", [{"name": name, "login": name.lower()} for name in PEOPLE])
            insert_records(uow, "crm.place", ground.places)
            insert_records(
                uow, THING, [{**thing, "lines": [dict(row) for row in thing["lines"]]} for thing in ground.things]
            )
            insert_records(uow, "crm.visit", ground.visits)
        yield database
    finally:
        database.close()
