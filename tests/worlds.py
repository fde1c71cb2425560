"""A small company at work: accounts, orders with lines and totals, deals with stages, four people; on either database."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import text

from engine.problems import NotAllowed, NotVisible, ProblemsFound
from engine.runtime.actors import SYSTEM, Actor
from engine.services import people, records, setup
from engine.services.site import OpenCompany, Site, open_site
from engine.services.views_of_records import ListRequest, RecordView
from engine.storage.database import DatabaseAddress
from tests.sites import write_site

FORMS: Mapping[str, str] = {
    "forms/crm/account.yaml": """\
        form: crm.account
        label: {en: Account, zh: 客户}
        title: "{name}"
        owner: rep
        fields:
          name: {type: text, required: true}
          rep: user
          region: text
          note: {type: text, max_length: 200}
          limit: {type: money, access: {see: [manager], change: [manager]}}
          room: {type: money, formula: "limit - ordered"}
          ordered: {type: money, formula: "SUM(orders.total)", discloses: true}
          parent: {type: link, to: crm.account, tree: true, on_delete: clear}
        checks:
          one_name: {unique: [name], message: {en: There is an account with this name., zh: 客户名称已存在。}}
        access:
          sales: {see: own, create: true, change: own, delete: own}
          lead: {see: team, create: true, change: team, delete: team}
          office: {see: same_department}
          manager: {see: always, create: true, change: always, delete: always}
        """,
    "forms/crm/order.yaml": """\
        form: crm.order
        label: {en: Order, zh: 订单}
        title: "{number} {account.name}"
        number: "O-{year}-{serial:4}"
        owner: rep
        fields:
          account: {type: link, to: crm.account, required: true, fill: {region: account.region},
                    inverse: {name: orders, label: {en: Orders, zh: 订单}}}
          rep: user
          region: text
          kind: {type: choice, choices: {stock: {en: Stock}, special: {en: Special}}, default: stock}
          reason: {type: text, visible: "kind = 'special'", required: true, clear_when_hidden: true}
          due: {type: date, default: "=TODAY() + 7", check: {"due >= TODAY()": {en: The date is over.}}}
          locked: boolean
          remark: {type: text, read_only: locked}
          lines:
            type: lines
            fields:
              what: {type: text, required: true}
              quantity: {type: number, places: 2, required: true, check: {"quantity > 0": {en: More than nothing.}}}
              price: money
              amount: {type: money, formula: "ROUND(quantity * price, 2)"}
          total: {type: money, formula: "SUM(lines.amount)"}
        access:
          sales: {see: own, create: true, change: "own and not locked", delete: own}
          lead: {see: team, create: true, change: team, delete: team}
          manager: {see: always, create: true, change: always, delete: always}
        """,
    "forms/crm/note.yaml": """\
        form: crm.note
        label: {en: Note, zh: 便签}
        title: "{text}"
        fields:
          text: {type: text, required: true}
          account: {type: link, to: crm.account, on_delete: cascade}
        access:
          sales: {see: own, create: true, change: own, delete: own}
          manager: {see: always, create: true, change: always, delete: always}
        """,
    "forms/crm/deal.yaml": """\
        form: crm.deal
        label: {en: Deal, zh: 商机}
        title: "{name}"
        owner: rep
        fields:
          name: {type: text, required: true}
          rep: user
          account: {type: link, to: crm.account}
          amount: money
          why: text
          stage: stage
          weighted: {type: money, formula: "amount * stage.probability"}
        views:
          board: {type: board, card: [name, amount], sum: amount}
        actions:
          to_order: {label: {en: Make order}, creates: crm.order, with: {account: "=account"}, when: "stage.outcome = 'won'"}
          lose: {label: {en: Lost}, sets: {stage: lost, why: "=asked.why"}, asks: {why: {type: text, required: true}}}
          copy: {duplicate: true}
        access:
          sales: {see: own, create: true, change: own, delete: own}
          manager: {see: always, create: true, change: always, delete: always}
        """,
    "workflows/crm/deal_stages.yaml": """\
        pipeline: crm.deal_stages
        of: crm.deal.stage
        stages:
          need: {label: {en: Need}, probability: 10%, tasks: {talk: {label: {en: Talk}}}}
          offer: {label: {en: Offer}, probability: 50%, requires: [amount]}
          close: {label: {en: Close}, probability: 80%}
        ends:
          won: {label: {en: Won}, outcome: won, probability: 100%, requires: [amount]}
          lost: {label: {en: Lost}, outcome: lost, probability: 0%, requires: [why]}
        moves:
          reopen: {from: [lost], to: need, who: [{role: manager}]}
        """,
    "forms/crm/app.yaml": """\
        app: crm
        label: CRM
        roles: {sales: Sales, lead: Lead, office: Office, manager: Manager}
        """,
}


@dataclass
class Clock:
    """A clock that a test moves."""

    now: datetime = datetime(2026, 3, 2, 9, 0, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **parts: int) -> None:
        self.now += timedelta(**parts)


@dataclass
class World:
    """A company that has been applied, with the people li and qi (sales), mo (their lead), wang (manager)."""

    site: Site
    company: OpenCompany
    clock: Clock
    actors: dict[str, Actor] = field(default_factory=dict)

    def __getattr__(self, name: str) -> Actor:
        try:
            return self.__dict__["actors"][name]
        except KeyError as error:
            raise AttributeError(name) from error

    def save(self, actor: Actor, form: str, record_id: int | None = None, /, **values: object) -> RecordView:
        return records.save_record(self.company, actor, f"crm.{form}", record_id, values)

    def fetch(self, actor: Actor, form: str, record_id: int | None) -> RecordView:
        return records.fetch_record(self.company, actor, f"crm.{form}", record_id or 0)

    def titles(self, actor: Actor, form: str, **request: object) -> list[str]:
        page = records.list_records(self.company, actor, f"crm.{form}", ListRequest(**request))  # type: ignore[arg-type]
        return sorted(row.title for row in page.rows)

    def fingerprint(self) -> str:
        """A hash of every row of every table."""
        tables = sorted(self.company.database.tables.metadata.tables.values(), key=lambda each: each.name)
        with self.company.database.reading() as connection:
            rows = [sorted(map(repr, connection.execute(text(f'SELECT * FROM "{each.name}"')))) for each in tables]  # noqa: S608
        return hashlib.sha256(repr(rows).encode()).hexdigest()


def build_world(folder: Path, address: DatabaseAddress, files: Mapping[str, str] = FORMS) -> World:
    """The company acme of a site with these files, applied, with its people."""
    (folder / "templates_pack").mkdir(parents=True, exist_ok=True)
    clock = Clock()
    site = open_site(write_site(folder, files), clock=clock)
    site.address = lambda _company: address  # type: ignore[method-assign]
    setup.apply_company(site, "acme")
    company = site.company("acme")
    world = World(site, company, clock)
    if "crm.account" in company.catalog.forms:
        _add_people(world)
    return world


def _add_people(world: World) -> None:
    def add(form: str, **values: object) -> int:
        return records.save_record(world.company, SYSTEM, form, None, values).id or 0

    north, south = add("people.department", name="North"), add("people.department", name="South")
    mo = add("people.person", name="Mo", login="mo", roles=["lead"], department=north)
    add("people.person", name="Li", login="li", roles=["sales"], department=north, superior=mo)
    add("people.person", name="Qi", login="qi", roles=["sales"], department=south)
    add("people.person", name="Ou", login="ou", roles=["office"], department=north)
    add("people.person", name="Wang", login="wang", roles=["manager"], department=south)
    for login in ("mo", "li", "qi", "ou", "wang"):
        world.actors[login] = people.person_actor(world.company, login)


def codes(act: object) -> list[tuple[str, str]]:
    """(code, pointer) of the problems that an act (called without arguments) is refused with."""
    try:
        act()  # type: ignore[operator]
    except ProblemsFound as found:
        return sorted((problem.code, problem.pointer) for problem in found.problems)
    except NotAllowed as refused:
        return [(refused.problem.code, "not allowed")]
    except NotVisible:
        return [("404", "not visible")]
    return []
