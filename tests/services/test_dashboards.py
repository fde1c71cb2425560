"""Boards: every number equals one counted by hand over the records that the reader sees, on both databases."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from engine.problems import ProblemsFound
from engine.runtime.actors import Actor
from engine.services import records
from engine.services.dashboards.boards import fetch_widgets, list_boards, open_board
from engine.services.dashboards.views import BoardState, Pick, WidgetData
from engine.services.views_of_records import ListRequest
from engine.storage.database import DatabaseAddress
from tests.worlds import FORMS, World, build_world

BOARD = {
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
          cost: {type: money, access: {see: [manager]}}
          closed: date
          met: datetime
          kind: {type: choice, choices: {small: {en: Small, zh: 小单}, big: {en: Big, zh: 大单}, odd: {en: Odd}}}
          why: text
          stage: stage
        access:
          sales: {see: own, create: true, change: own, delete: own}
          lead: {see: team, create: true, change: team, delete: team}
          manager: {see: always, create: true, change: always, delete: always}
        """,
    "dashboards/crm/sales.yaml": """\
        metrics: crm.sales
        won: {of: crm.deal, value: 'SUM(records[stage.outcome = "won"].amount)', format: money, period: closed}
        rate:
          label: {en: Win rate, zh: 成单率}
          of: crm.deal
          value: DIVIDE(COUNT(records[stage.outcome = "won"]), COUNT(records[stage.outcome in ["won", "lost"]]), NULL)
          format: percent
        big: {of: crm.deal, value: COUNT(), where: kind = "big"}
        margin: {of: crm.deal, value: SUM(amount) - SUM(cost)}
        """,
    "dashboards/crm/overview.yaml": """\
        dashboard: crm.overview
        filters:
          period: {field: {crm.deal: closed}, default: all}
          rep: {field: {crm.deal: rep, crm.account: rep}}
          department: {field: {crm.deal: rep.department}}
          kind: {field: {crm.deal: kind}}
        widgets:
          won: {type: number, metric: sales.won, compare: previous_period}
          rate: {type: number, metric: sales.rate, compare: last_year}
          stats: {type: bar, of: crm.deal, by: rep, values: {a: COUNT(), b: AVG(amount), c: MAX(amount), d: MIN(amount), e: MEDIAN(amount), f: COUNTDISTINCT(account), g: {metric: sales.big}}}
          months: {type: line, metric: sales.won, by: {closed: month}}
          weeks: {type: line, of: crm.deal, value: COUNT(), by: {met: week}}
          quarters: {type: column, of: crm.deal, value: COUNT(), by: {closed: quarter}, split: kind}
          stages: {type: funnel, of: crm.deal, by: stage, value: COUNT(), then: SUM(amount)}
          outcome: {type: pie, of: crm.deal, by: stage.outcome, value: COUNT()}
          regions: {type: bar, metric: sales.won, by: account.region, drill: [account, kind]}
          top: {type: ranking, metric: sales.won, by: account, limit: 2, compare: previous_period}
          part: {type: pie, of: crm.deal, value: SUM(amount), by: account, limit: 2}
          table: {type: table, of: crm.deal, columns: [name, amount, closed], order: -amount, where: amount > 50}
          accounts: {type: number, of: crm.account, value: COUNT()}
          margin: {type: number, metric: sales.margin}
          secret: {type: bar, of: crm.deal, value: COUNT(), by: cost}
          goal: {type: gauge, metric: sales.won, target: 1000}
        """,
    "dashboards/crm/managers.yaml": """\
        dashboard: crm.managers
        roles: [manager]
        widgets: {all: {type: number, of: crm.deal, value: COUNT()}}
        """,
}
STAGES = ("need", "offer", "close", "won", "lost")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, shared_address: DatabaseAddress) -> Iterator[World]:
    found = build_world(tmp_path_factory.mktemp("boards"), shared_address, {**FORMS, **BOARD})
    accounts = [
        found.save(found.wang, "account", name=name, region=region).id
        for name, region in (("Ada", "north"), ("Bob", "south"), ("Cid", "north"))
    ]
    stage, kind, account = (itertools.cycle(each) for each in (STAGES, ("small", "big", None), [*accounts, None]))
    for at in range(40):
        found.save(
            found.wang,
            "deal",
            name=f"deal {at}",
            rep=(found.li if at % 3 else found.qi).person,
            account=next(account),
            amount=Decimal(10 * at) + Decimal("0.05"),
            cost=Decimal(3 * at),
            closed=date(2025, 11, 20) + timedelta(3 * at),
            met=datetime(2026, 1, 1, 20, 0, tzinfo=UTC) + timedelta(hours=31 * at),
            kind=next(kind),
            stage=next(stage),
            why="late",
        )
    yield found
    found.site.close()


def ask(world: World, name: str, actor: Actor | None = None, state: BoardState | None = None) -> WidgetData:
    chosen = state or BoardState()
    return fetch_widgets(world.company, actor or world.wang, "crm.overview", [name], chosen, "en")[0]


def chosen(**filters: str) -> BoardState:
    return BoardState({name: tuple(value.split("|")) for name, value in filters.items()})


def deals(world: World, actor: Actor | None = None, where: str | None = None) -> list[dict[str, object]]:
    request = ListRequest(
        where=where, limit=200, fields=("name", "rep", "account", "amount", "closed", "kind", "stage")
    )
    page = records.list_records(world.company, actor or world.wang, "crm.deal", request)
    return [dict(row.values, id=row.id) for row in page.rows]


def by(
    rows: list[dict[str, object]], key: Callable[[dict[str, object]], object]
) -> dict[object, list[dict[str, object]]]:
    groups: dict[object, list[dict[str, object]]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def total(rows: list[dict[str, object]]) -> Decimal:
    return sum((Decimal(str(row["amount"])) for row in rows), Decimal(0))


def won(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    return [row for row in rows if row["stage"] == "won"]


def marks(data: WidgetData) -> dict[object, tuple[Decimal | None, ...]]:
    return {mark.keys[0].value: mark.values for mark in data.marks}


def test_numbers_and_ratios(world: World) -> None:
    rows = deals(world)
    decided = [row for row in rows if row["stage"] in ("won", "lost")]
    assert ask(world, "won").totals == (total(won(rows)),)
    assert ask(world, "rate").totals == (Decimal(len(won(rows))) / len(decided),)
    goal = ask(world, "goal")
    assert (goal.totals, goal.target) == ((total(won(rows)),), Decimal(1000))


def test_every_aggregate_by_person(world: World) -> None:
    for rep, rows in by(deals(world), lambda row: row["rep"]).items():
        amounts = sorted(Decimal(str(row["amount"])) for row in rows)
        middle = len(amounts) // 2
        median = amounts[middle] if len(amounts) % 2 else (amounts[middle - 1] + amounts[middle]) / 2
        found = marks(ask(world, "stats"))[rep]
        assert found[0] == len(rows)
        assert found[1] is not None
        assert abs(found[1] - total(rows) / len(rows)) < Decimal("1E-11")
        assert found[2:5] == (amounts[-1], amounts[0], median)
        assert found[5] == len({row["account"] for row in rows} - {None})
        assert found[6] == sum(row["kind"] == "big" for row in rows)


def test_time_axes_have_no_gaps(world: World) -> None:
    rows = by(deals(world), lambda row: row["closed"].replace(day=1))  # type: ignore[attr-defined]
    found = ask(world, "months")
    assert marks(found) == {month: (total(won(each)),) for month, each in sorted(rows.items())}
    days = [mark.keys[0].value for mark in ask(world, "months", state=chosen(period="2025-09-01..2025-12-31")).marks]
    assert days == [date(2025, 9, 1), date(2025, 10, 1), date(2025, 11, 1), date(2025, 12, 1)]
    weeks = ask(world, "weeks")
    assert {mark.keys[0].value.weekday() for mark in weeks.marks} == {0}  # type: ignore[attr-defined]
    assert sum(mark.values[0] or 0 for mark in weeks.marks) == 40
    # half past four in the morning of Monday in Shanghai is still Sunday in Greenwich
    assert weeks.marks[0].keys[0].value == date(2025, 12, 29)


def test_two_dimensions_and_orders(world: World) -> None:
    found = ask(world, "quarters")
    rows = deals(world)
    for mark in found.marks:
        quarter, kind = (key.value for key in mark.keys)
        held = [
            row
            for row in rows
            if row["kind"] == kind
            and (row["closed"].year, (row["closed"].month - 1) // 3) == (quarter.year, quarter.month // 3)  # type: ignore[attr-defined]
        ]
        assert mark.values == (Decimal(len(held)),)
    assert [mark.keys[0].text for mark in ask(world, "stages").marks] == ["Need", "Offer", "Close", "Won", "Lost"]
    assert marks(ask(world, "outcome")) == {"open": (24,), "won": (8,), "lost": (8,)}


def test_rankings_and_what_is_left_over(world: World) -> None:
    groups = {account: total(won(rows)) for account, rows in by(deals(world), lambda row: row["account"]).items()}
    best = sorted(groups.items(), key=lambda each: -each[1])[:2]
    assert list(marks(ask(world, "top")).items()) == [(account, (amount,)) for account, amount in best]
    part = ask(world, "part")
    assert (part.marks[-1].others, len(part.marks)) == (2, 3)
    assert sum(mark.values[0] or 0 for mark in part.marks) == total(deals(world)) == part.totals[0]


def test_filters_and_comparisons(world: World) -> None:
    month = ask(world, "won", state=chosen(period="last_month"))
    rows = deals(world)
    in_month = [row for row in rows if (row["closed"].year, row["closed"].month) == (2026, 2)]  # type: ignore[attr-defined]
    before = [row for row in rows if (row["closed"].year, row["closed"].month) == (2026, 1)]  # type: ignore[attr-defined]
    assert (month.totals, month.before) == ((total(won(in_month)),), (total(won(before)),))
    assert ask(world, "rate", state=chosen(period="this_year")).before[0] is not None
    own = ask(world, "won", world.li, chosen(rep="me"))
    assert own.totals == (total(won([row for row in rows if row["rep"] == world.li.person])),)
    north = ask(world, "won", state=chosen(department="1"))
    assert north.totals == own.totals
    assert ask(world, "won", state=chosen(kind="big|")).count == sum(row["kind"] in ("big", None) for row in rows)
    assert ask(world, "accounts", state=chosen(kind="big")).unfiltered == ({"en": "Kind"},)


def test_marks_filter_other_widgets_and_open_their_records(world: World) -> None:
    for name in ("regions", "stages", "months", "outcome", "part"):
        for mark in ask(world, name).marks:
            if mark.others:
                continue
            key = mark.keys[0]
            dimension = ask(world, name).rows[0].name
            picked = BoardState(picks=(Pick(name, dimension, key.word),))
            behind = deals(world, where=key.where)
            assert ask(world, "goal", state=picked).count == len(behind), (name, key)
            assert ask(world, "goal", state=picked).totals == (total(won(behind)),)
            assert len(ask(world, name, state=picked).marks) == len(ask(world, name).marks)
    view = open_board(
        world.company, world.wang, "crm.overview", BoardState(picks=(Pick("stages", "stage", "won"),)), "zh"
    )
    assert [chip.text for chip in view.chips] == ["Won"]


def test_descending_into_a_mark(world: World) -> None:
    state = BoardState(picks=(Pick("regions", "account.region", "north"),), drill={"regions": 1})
    assert {mark.keys[0].text for mark in ask(world, "regions", state=state).marks} >= {"Ada", "Cid"}


def test_the_rule_of_the_reader_holds_inside_every_widget(world: World) -> None:
    for actor in (world.li, world.qi, world.mo, world.wang):
        rows = deals(world, actor)
        assert ask(world, "won", actor).totals == (total(won(rows)),)
        assert ask(world, "table", actor).count == sum(Decimal(str(row["amount"])) > 50 for row in rows)
    assert [ask(world, name, world.li).state for name in ("margin", "secret", "won")] == ["hidden", "hidden", "ok"]
    assert ask(world, "margin").state == "ok"
    assert ask(world, "won", world.ou).state == "hidden"
    assert [board.id for board in list_boards(world.company, world.li)] == ["crm.overview"]
    assert [board.id for board in list_boards(world.company, world.wang)] == ["crm.managers", "crm.overview"]
    with pytest.raises(ProblemsFound) as refused:
        fetch_widgets(world.company, world.li, "crm.managers", None, BoardState(), "en")
    assert [each.code for each in refused.value.problems] == ["B205"]


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[World]:
    found = build_world(tmp_path, DatabaseAddress(file=tmp_path / "data.db"), {**FORMS, **BOARD})
    yield found
    found.site.close()


def test_what_a_board_does_not_have_is_refused(empty: World) -> None:
    for state, code in (
        (chosen(nothing="1"), "B202"),
        (chosen(period="someday"), "B201"),
        (chosen(period="2026-02-01..2026-01-01"), "B201"),
        (chosen(rep="li"), "B201"),
        (BoardState(picks=(Pick("nothing", "stage", "won"),)), "B203"),
        (BoardState(picks=(Pick("stages", "kind", "won"),)), "B201"),
        (BoardState(picks=(Pick("months", "closed:month", "soon"),)), "B201"),
    ):
        with pytest.raises(ProblemsFound) as refused:
            ask(empty, "won", state=state)
        assert [each.code for each in refused.value.problems] == [code]


def test_sums_beyond_64_bits_are_exact(empty: World) -> None:
    for count, expected in ((100, "999999999999999999.00"), (30, "1299999999999999998.70")):
        for at in range(count):
            empty.save(empty.wang, "deal", name=f"{at}", amount=Decimal("9999999999999999.99"), stage="won")
        assert ask(empty, "won").totals == (Decimal(expected),)
