"""What is asked of both applications: the same act in the words of each, with the same random choices."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from urllib.parse import quote

STATUSES = ("new", "planned", "started", "waiting", "done", "closed")
WORDS = ("pump", "valve", "filter", "sensor", "motor", "panel", "cable", "relay", "screen", "boiler")
RARE = "zirconium"
API = "/bench/api/v1/bench"


@dataclass(frozen=True)
class Ask:
    """One HTTP request."""

    method: str
    path: str
    body: object = None

    @property
    def content(self) -> bytes | None:
        """The body as it goes over the wire."""
        return None if self.body is None else json.dumps(self.body).encode()


@dataclass(frozen=True)
class Act:
    """One thing a user does: how it is asked of ours and of the yardstick, and the ratio that must be kept."""

    name: str
    ours: Callable[[random.Random], Ask]
    theirs: Callable[[random.Random], Ask]
    at_most: float | None
    expect: int = 200


def list_ours(dice: random.Random) -> Ask:
    status, agent = dice.choice(STATUSES), dice.randint(1, 50)
    where = quote(f"status = '{status}' and agent = {agent}")
    return Ask("GET", f"{API}/service_record?where={where}&sort=-happened&limit=20&total=exact")


def list_theirs(dice: random.Random) -> Ask:
    return Ask("GET", f"/service_records?status={dice.choice(STATUSES)}&agent={dice.randint(1, 50)}")


def service(dice: random.Random) -> dict[str, object]:
    return {
        "subject": f"{dice.choice(WORDS)} {dice.choice(WORDS)} {dice.randint(1, 99_999)}",
        "status": dice.choice(STATUSES),
        "amount": f"{dice.randint(100, 999_999) / 100:.2f}",
        "happened": f"2026-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}",
        "agent": dice.randint(1, 50),
        "customer": dice.randint(1, 10_000),
    }


def order(dice: random.Random) -> dict[str, object]:
    lines = [
        {
            "item": dice.choice(WORDS),
            "quantity": str(dice.randint(1, 20)),
            "price": f"{dice.randint(100, 99_999) / 100:.2f}",
        }
        for _ in range(10)
    ]
    return {"customer": dice.randint(1, 10_000), "lines": lines}


def change(first: int, rows: int, prefix: str) -> Callable[[random.Random], Ask]:
    """Changes of one field, each of another record from `first` on."""
    turns, span = count(), rows // 2

    def ask(dice: random.Random) -> Ask:
        turn = next(turns)
        amount = f"{dice.randint(100, 999_999) / 100:.2f}"
        return Ask("PATCH", f"{prefix}/{first + turn % span}", {"amount": amount, "version": 1 + turn // span})

    return ask


def acts(rows: int) -> tuple[Act, ...]:
    """All acts over a company with `rows` service records."""
    related = f"{API}/customer/{{}}?related=contracts"
    return (
        Act("list of 20, two filters, sorted, exact total", list_ours, list_theirs, 1.5),
        Act(
            "one customer with contracts",
            lambda dice: Ask("GET", related.format(dice.randint(1, 10_000))),
            lambda dice: Ask("GET", f"/customers/{dice.randint(1, 10_000)}"),
            2.0,
        ),
        Act(
            "create",
            lambda dice: Ask("POST", f"{API}/service_record", service(dice)),
            lambda dice: Ask("POST", "/service_records", service(dice)),
            3.0,
            201,
        ),
        Act(
            "create an order with 10 lines and total",
            lambda dice: Ask("POST", f"{API}/sales_order", order(dice)),
            lambda dice: Ask("POST", "/orders", order(dice)),
            3.0,
            201,
        ),
        # Each side walks through a half of its own, so that every request names the version that stands there.
        Act(
            "update one field",
            change(1, rows, f"{API}/service_record"),
            change(rows // 2 + 1, rows, "/service_records"),
            3,
        ),
        Act(
            "sum by status",
            lambda dice: Ask("GET", f"{API}/service_record?group=status&sum=amount"),
            lambda dice: Ask("GET", "/sums"),
            1.2,
        ),
        Act(
            "search for a rare word",
            lambda dice: Ask("GET", f"{API}/service_record?search={RARE}&limit=20&total=none"),
            lambda dice: Ask("GET", f"/search?q={RARE}"),
            None,
        ),
    )
