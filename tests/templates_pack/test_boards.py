"""The boards of the demo companies: every figure is worked out here in plain Python, for whoever reads it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from engine.runtime.actors import SYSTEM, Actor
from engine.services import people
from engine.services.dashboards.boards import fetch_widgets, list_boards
from engine.services.dashboards.views import BoardState, WidgetData
from engine.services.records import list_records
from engine.services.site import OpenCompany
from engine.services.views_of_records import ListRequest
from tests.templates_pack.conftest import prepared
from tests.templates_pack.demo import COMPANIES, demo_catalog
from tests.templates_pack.figures import ALIVE, Rows, number, rows_of, today_of, total

Figures = dict[str, tuple[Decimal | None, ...]]
EVERYTHING = ("all",)


@pytest.fixture(scope="module")
def hvac(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenCompany]:
    """The manufacturer of air conditioning with its demo rows."""
    yield from prepared("hvac_manufacturer", tmp_path_factory)


@pytest.fixture(scope="module")
def exporter(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenCompany]:
    """The exporter of inspection systems with its demo rows."""
    yield from prepared("inspection_exporter", tmp_path_factory)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenCompany]:
    """The distributor of components with its demo rows."""
    yield from prepared("components_distributor", tmp_path_factory)


def ask(company: OpenCompany, board: str, widget: str, actor: Actor = SYSTEM, **filters: str) -> WidgetData:
    state = BoardState({name: (value,) for name, value in filters.items()})
    return fetch_widgets(company, actor, f"crm.{board}" if "." not in board else board, [widget], state, "zh")[0]


def figures(data: WidgetData) -> Figures:
    """Numbers by what the marks are called."""
    return {" · ".join(key.text for key in mark.keys): mark.values for mark in data.marks}


def by(rows: Rows, key: str | Callable[[dict[str, object]], object]) -> dict[object, Rows]:
    groups: dict[object, Rows] = defaultdict(list)
    for row in rows:
        groups[row[key] if isinstance(key, str) else key(row)].append(row)
    return groups


def every(rows: Rows, field: str) -> Decimal:
    return total(rows, field, lambda _: True)


def titles(company: OpenCompany, form: str) -> dict[object, str]:
    return {row["id"]: str(row["name"]) for row in rows_of(company, form, "name")}


def same_day(company: OpenCompany, day: date) -> None:
    """Figures of today cannot be held against figures of yesterday."""
    if today_of(company) != day:
        pytest.fail("midnight passed during the test")


# --- all boards ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("company", COMPANIES)
def test_every_board_has_a_place_in_the_menu_and_every_widget_in_its_layout(company: str) -> None:
    catalog = demo_catalog(company)
    entries = [entry for group in catalog.menu for entry in group.entries]
    assert entries[0] in catalog.dashboards
    for board in catalog.dashboards.values():
        placed = [widget for row in board.layout for widget in row]
        assert sorted(placed) == sorted(board.widgets), board.id
        assert set(board.label) == {"en", "zh"}
        own = board.at.file.startswith("dashboards/companies/")
        assert not own or board.id in entries, board.id


@pytest.mark.parametrize("fixture", ["energy", "exporter", "instruments", "hvac", "parts"])
def test_every_widget_has_something_to_show(request: pytest.FixtureRequest, fixture: str) -> None:
    company: OpenCompany = request.getfixturevalue(fixture)
    boards = company.catalog.dashboards
    for board in [each for each in boards if fixture == "energy" or _is_own(company, each)]:
        found = fetch_widgets(company, SYSTEM, board, None, BoardState(), "en")
        assert {data.widget.name: data.state for data in found} == dict.fromkeys(boards[board].widgets, "ok"), board


def test_no_widget_fails_for_those_who_see_less(energy: OpenCompany) -> None:
    for actor in _one_per_role(energy, "sales", "engineering", "finance"):
        for board in list_boards(energy, actor):
            for data in fetch_widgets(energy, actor, board.id, None, BoardState(), "en"):
                assert data.state != "error", (board.id, data.widget.name, data.problems)


def _is_own(company: OpenCompany, board: str) -> bool:
    return "companies/" in company.catalog.dashboards[board].at.file


def _one_per_role(company: OpenCompany, *roles: str) -> Iterator[Actor]:
    for role in roles:
        request = ListRequest(where=f"HAS(roles, '{role}')", fields=("login",), limit=1)
        (row,) = list_records(company, SYSTEM, "people.person", request).rows
        yield people.person_actor(company, str(row.values["login"]))


# --- figures ---------------------------------------------------------------------------------------------------------


def test_customers_by_year_group_and_owner(energy: OpenCompany) -> None:
    rows = rows_of(energy, "crm.customer", "since", "parent", "owner", "contract_amount", "pool")
    names, persons = titles(energy, "crm.customer"), titles(energy, "people.person")

    years = by(rows, lambda row: str(row["since"])[:4])
    found = figures(ask(energy, "customer_analysis", "growth"))
    assert {year: found[year][0] for year in found} == {year: len(years.get(year, ())) for year in found}
    assert sum(len(each) for each in years.values()) == len(rows) == 60
    groups = {names[key]: (Decimal(len(each)),) for key, each in by(rows, "parent").items() if key is not None}
    assert figures(ask(energy, "customer_analysis", "groups")) == groups
    owners = {
        persons[key]: (
            Decimal(len(each)),
            Decimal(sum(number(row["contract_amount"]) > 0 for row in each)),
            every(each, "contract_amount"),
        )
        for key, each in by(rows, "owner").items()
        if key is not None
    }
    found = figures(ask(energy, "customer_analysis", "people"))
    assert found == {name: owners[name] for name in found}
    assert len(found) == min(10, len(owners))


def test_the_forecast_counts_per_stage_and_weighs_by_probability(energy: OpenCompany) -> None:
    weights = {"early": 10, "follow": 30, "tender": 50, "result": 70}
    rows = rows_of(energy, "crm.opportunity", "stage", "amount", "close_date", "salesperson")
    still = [row for row in rows if row["stage"] in weights]

    labels = {"early": "前期", "follow": "跟进", "tender": "招标", "result": "招标结果"}
    assert figures(ask(energy, "forecast", "funnel")) == {
        labels[str(stage)]: (Decimal(len(each)), every(each, "amount")) for stage, each in by(still, "stage").items()
    }
    weighted = sum((number(row["amount"]) * weights[str(row["stage"])] / 100 for row in still), Decimal(0))
    assert ask(energy, "forecast", "weighted").totals == (weighted,)
    late = sum((number(row["amount"]) for row in still if weights[str(row["stage"])] >= 50), Decimal(0))
    (share,) = ask(energy, "forecast", "late").totals
    assert share is not None
    assert abs(share - late / every(still, "amount")) < Decimal("1E-9")
    month = today_of(energy).replace(day=1)
    ahead = by(
        [row for row in still if row["close_date"] and str(row["close_date"]) >= month.isoformat()],
        lambda row: str(row["close_date"])[:7],
    )
    months = figures(ask(energy, "forecast", "months"))
    assert {key: values[1] for key, values in months.items() if values[2]} == {
        key: every(each, "amount") for key, each in ahead.items()
    }


def test_contracts_by_stage_department_and_owner(energy: OpenCompany) -> None:
    rows = rows_of(energy, "crm.contract", "stage", "amount", "paid", "receivable", "salesperson")
    alive = [row for row in rows if row["stage"] in ALIVE]
    persons = titles(energy, "people.person")

    def of(widget: str) -> WidgetData:
        return ask(energy, "contract_analysis", widget, period="all")

    assert of("signed").totals == (every(alive, "amount"),)
    assert of("receivable").totals == (every(alive, "receivable"),)
    (rate,) = of("rate").totals
    assert rate is not None
    assert abs(rate - every(alive, "paid") / every(alive, "amount")) < Decimal("1E-9")
    people_found = figures(of("people"))
    assert {name: values[:2] for name, values in people_found.items()} == {
        persons[key]: (every(each, "amount"), Decimal(len(each))) for key, each in by(alive, "salesperson").items()
    }
    departments = {row["id"]: row["department"] for row in rows_of(energy, "people.person", "department")}
    names = titles(energy, "people.department")
    assert figures(of("departments")) == {
        names[key]: (every(each, "amount"), every(each, "paid"))
        for key, each in by(alive, lambda row: departments[row["salesperson"]]).items()
    }
    assert sum(values[0] or 0 for values in figures(of("stages")).values()) == len(rows)


def test_invoices_and_payments_of_one_contract(energy: OpenCompany) -> None:
    payments = rows_of(energy, "crm.payment", "contract", "amount", "status", "received_on")
    invoices = rows_of(energy, "crm.invoice", "contract", "amount", "status")
    (contract, mine), *_ = sorted(by(payments, "contract").items(), key=lambda each: (-len(each[1]), str(each[0])))

    def of(widget: str) -> tuple[Decimal | None, ...]:
        return ask(energy, "reconciliation", widget, period="all", contract=str(contract)).totals

    assert of("received") == (total(mine, "amount", lambda row: row["status"] == "confirmed"),)
    issued = [row for row in invoices if row["contract"] == contract and row["status"] == "issued"]
    assert of("invoiced") == (every(issued, "amount"),)
    (amount, *_) = of("customers")
    (row,) = (row for row in rows_of(energy, "crm.contract", "amount") if row["id"] == contract)
    assert amount == row["amount"]
    confirmed = [row for row in payments if row["status"] == "confirmed"]
    months = by(confirmed, lambda row: str(row["received_on"])[:7])
    found = figures(ask(energy, "reconciliation", "months", period="all"))
    assert {key: values[2] for key, values in found.items() if values[2]} == {
        key: every(each, "amount") for key, each in months.items()
    }


def test_arrears_plans_against_their_completion(energy: OpenCompany) -> None:
    today = today_of(energy)
    plans = rows_of(energy, "crm.arrears_plan", "status", "planned_amount", "received_amount", "planned_on", "owner")
    nodes = rows_of(energy, "crm.settlement_node", "due_on", "unpaid", "age")
    kept = [row for row in plans if row["status"] != "dropped"]
    done = [row for row in plans if row["status"] == "done"]

    gauge = ask(energy, "arrears", "completion")
    assert (gauge.totals, gauge.target) == ((every(done, "received_amount"),), every(kept, "planned_amount"))
    overdue = [row for row in nodes if row["due_on"] is not None and row["due_on"] < today]  # type: ignore[operator]
    assert ask(energy, "arrears", "overdue").totals == (every(overdue, "unpaid"),)
    old = [row for row in overdue if row["due_on"] < today - timedelta(90)]  # type: ignore[operator]
    assert ask(energy, "arrears", "old").totals == (every(old, "unpaid"),)
    persons = titles(energy, "people.person")
    assert {name: values[:2] for name, values in figures(ask(energy, "arrears", "people")).items()} == {
        persons[key]: (
            every([row for row in each if row["status"] == "done"], "received_amount"),
            every(each, "planned_amount"),
        )
        for key, each in by(kept, "owner").items()
    }
    unpaid = [row for row in nodes if number(row["unpaid"]) > 0]
    ages = [value[0] for value in figures(ask(energy, "arrears", "ages")).values()]
    assert sorted(ages, key=str) == sorted((every(each, "unpaid") for each in by(unpaid, "age").values()), key=str)
    same_day(energy, today)


def test_one_project_at_the_weekly_review(energy: OpenCompany) -> None:
    contracts = rows_of(energy, "crm.contract", "opportunity", "amount", "paid", "stage")
    contract = next(row for row in contracts if row["stage"] == "running" and row["opportunity"] is not None)
    project = str(contract["opportunity"])

    core = ask(energy, "project_review", "core", project=project)
    assert core.totals[0] == contract["amount"]
    assert core.totals[2] == contract["paid"]
    assert ask(energy, "project_review", "matrix", project=project).totals[0] == 1
    since = str(today_of(energy) - timedelta(7))
    followed = [row for row in rows_of(energy, "crm.follow_up", "followed_on") if str(row["followed_on"]) > since]
    assert ask(energy, "project_review", "follow_ups").totals == (Decimal(len(followed)),)


def test_estimated_and_actual_cost_stand_side_by_side(energy: OpenCompany) -> None:
    projects = rows_of(energy, "crm.opportunity", "name", "estimated_cost", "stage")
    contracts = {row["id"]: row["opportunity"] for row in rows_of(energy, "crm.contract", "opportunity")}
    costs = [
        row
        for row in rows_of(energy, "crm.project_cost", "contract", "amount", "status")
        if row["status"] == "approved"
    ]
    actual = by(costs, lambda row: contracts[row["contract"]])
    found = ask(energy, "project_costs", "projects", period="all")
    won = {str(row["name"]): row for row in projects if row["stage"] == "won"}
    shown = {name: values for name, values in figures(found).items() if name in won}

    assert len(shown) >= 10
    for name, (estimated, spent) in shown.items():
        assert (estimated, spent or Decimal(0)) == (
            number(won[name]["estimated_cost"]),
            every(actual[won[name]["id"]], "amount"),
        )


def test_rfm_cells_and_segments(instruments: OpenCompany) -> None:
    known = rows_of(instruments, "crm.customer", "segment", "order_money", "order_count", "days_since_order")
    rows = [row for row in known if row["days_since_order"] is not None]
    labels = {each.id: each.label["zh"] for each in instruments.catalog.forms["crm.customer"].fields["segment"].choices}

    assert figures(ask(instruments, "rfm", "segments")) == {
        labels[str(key)]: (Decimal(len(each)),) for key, each in by(rows, "segment").items()
    }
    assert figures(ask(instruments, "rfm", "amounts")) == {
        labels[str(key)]: (every(each, "order_money"),) for key, each in by(rows, "segment").items()
    }

    def cell(row: dict[str, object]) -> str:
        days, orders = number(row["days_since_order"]), int(number(row["order_count"]))
        classes = ((90, "近期下单"), (180, "较近下单"), (360, "逐渐冷却"))
        recency = next((name for most, name in classes if days <= most), "长期未下单")
        return f"{recency} · {['0 次', '1 次', '2 次', '3 次及以上'][min(orders, 3)]}"

    assert figures(ask(instruments, "rfm", "cells")) == {
        name: (Decimal(len(each)), every(each, "order_money")) for name, each in by(rows, cell).items()
    }


def test_the_return_of_campaigns(instruments: OpenCompany) -> None:
    rows = rows_of(
        instruments, "marketing.campaign", "name", "kind", "cost", "roi", "won_profit", "won_amount", "lead_count"
    )
    board = "marketing.campaign_returns"

    assert ask(instruments, board, "won").totals == (every(rows, "won_amount"),)
    assert ask(instruments, board, "leads").totals == (every(rows, "lead_count"),)
    counted = [row for row in rows if row["roi"] is not None]
    (roi,) = ask(instruments, board, "roi").totals
    assert roi is not None
    assert abs(roi - (every(counted, "won_profit") - every(counted, "cost")) / every(counted, "cost")) < Decimal(
        "0.0002"
    )
    ranking = figures(ask(instruments, board, "ranking"))
    best = max((row for row in counted), key=lambda row: number(row["roi"]))
    assert next(iter(ranking)) == best["name"]


def test_vip_groups_are_ranked_by_weighted_indicators_with_the_change_of_rank(hvac: OpenCompany) -> None:
    today = today_of(hvac)
    parents = {row["id"]: row["parent"] for row in rows_of(hvac, "crm.customer", "parent")}
    names = titles(hvac, "crm.customer")
    rows = rows_of(hvac, "crm.contract", "customer", "stage", "amount", "paid", "overdue_amount", "signed_on")
    alive = [row for row in rows if row["stage"] in ALIVE and parents[row["customer"]] is not None]

    def scores(first: date, last: date) -> dict[str, Decimal]:
        within = [row for row in alive if first <= row["signed_on"] <= last]  # type: ignore[operator]
        found = {}
        for group, each in by(within, lambda row: parents[row["customer"]]).items():
            points = every(each, "amount") * 5 + every(each, "paid") * 3 - every(each, "overdue_amount") * 4
            found[names[group]] = round(points / 1_000_000 + len(each), 3)
        return found

    now = scores(today - timedelta(89), today)
    earlier = scores(today - timedelta(179), today - timedelta(90))
    data = ask(hvac, "vip_ranking", "ranking")
    shown = figures(data)
    order = sorted(now, key=lambda name: -now[name])
    assert len(order) >= 3
    assert list(shown) == order
    for name in order:
        assert abs((shown[name][0] or 0) - now[name]) <= Decimal("0.05"), name
    ranks = {name: at for at, name in enumerate(sorted(earlier, key=lambda name: -earlier[name]), 1)}
    assert {mark.keys[0].text: mark.rank_before for mark in data.marks} == {name: ranks.get(name) for name in order}
    assert any(mark.rank_before is not None for mark in data.marks)
    same_day(hvac, today)


def test_channels_reach_their_quota(hvac: OpenCompany) -> None:
    rows = rows_of(hvac, "crm.channel", "name", "quota", "sold")
    gauge = ask(hvac, "channels", "quota")
    assert (gauge.totals, gauge.target) == ((every(rows, "sold"),), every(rows, "quota"))
    found = figures(ask(hvac, "channels", "ranking"))
    assert {name: values[1] for name, values in found.items()} == {
        str(row["name"]): number(row["sold"]) for row in rows
    }


def test_pay_in_detail(parts: OpenCompany) -> None:
    fields = ("employee", "period_start", "collected", "base", "commission", "coefficient", "pay")
    month = (today_of(parts).replace(day=1) - timedelta(1)).replace(day=1)
    rows = [row for row in rows_of(parts, "crm.pay_sheet", *fields) if row["period_start"] == month]
    persons = titles(parts, "people.person")
    data = ask(parts, "pay_detail", "detail")
    found = {mark.keys[1].text: mark.values for mark in data.marks}

    assert len(rows) >= 10
    for row in rows:
        collected, base, commission, _, coefficient, pay = found[persons[row["employee"]]]
        assert (collected, base, commission) == (row["collected"], row["base"], row["commission"])
        assert (coefficient, pay) == (row["coefficient"], row["pay"])
    assert ask(parts, "pay_detail", "pay").totals == (every(rows, "pay"),)


def test_settlement_of_the_contracts_of_an_exporter(exporter: OpenCompany) -> None:
    nodes = rows_of(
        exporter,
        "crm.settlement_node",
        "amount",
        "invoiced",
        "received",
        "unpaid",
        "reached_on",
        "planned_on",
        "contract",
    )
    today = today_of(exporter)
    reached = [row for row in nodes if row["reached_on"] is not None]

    def of(widget: str) -> tuple[Decimal | None, ...]:
        return ask(exporter, "contract_execution", widget, period="all").totals

    assert of("ages") == (every(reached, "unpaid"),)
    assert of("phases") == (every(nodes, "amount"), every(nodes, "invoiced"), every(nodes, "received"))
    late = [
        row for row in nodes if row["reached_on"] is None and row["planned_on"] and str(row["planned_on"]) < str(today)
    ]
    assert of("late") == (Decimal(len(late)),)
    same_day(exporter, today)


# --- the same board for different people -----------------------------------------------------------------------------


def test_the_same_board_differs_exactly_by_the_rule(energy: OpenCompany) -> None:
    logins = {"sales": "qian.jiayi", "manager": "gu.minghui", "director": "he.lixin", "finance": "chang.huimin"}
    shown = {}
    for name, login in logins.items():
        actor = people.person_actor(energy, login)
        request = ListRequest(fields=("stage", "amount", "salesperson"), limit=100)
        seen = [dict(row.values) for row in list_records(energy, actor, "crm.contract", request).rows]
        alive: Rows = [row for row in seen if row["stage"] in ALIVE]
        signed = ask(energy, "contract_analysis", "signed", actor, period="all").totals
        ranking = ask(energy, "contract_analysis", "people", actor, period="all")
        assert signed == (every(alive, "amount"),)
        assert {mark.keys[0].value for mark in ranking.marks} == {row["salesperson"] for row in alive}
        profit = ask(energy, "contract_analysis", "profit", actor, period="all")
        assert profit.state == ("ok" if name in ("director", "finance") else "hidden")
        shown[name] = signed[0] or Decimal(0)
    assert 0 < shown["sales"] < shown["manager"] < shown["director"] == shown["finance"]


def test_boards_for_some_roles_are_not_there_for_others(energy: OpenCompany, parts: OpenCompany) -> None:
    def boards(company: OpenCompany, login: str) -> set[str]:
        return {board.id for board in list_boards(company, people.person_actor(company, login))}

    assert "crm.project_costs" in boards(energy, "chang.huimin")
    assert "crm.project_costs" not in boards(energy, "qian.jiayi")
    assert "crm.pay_detail" not in boards(parts, "miao.jingyi")
    own = ask(parts, "pay_detail", "detail", people.person_actor(parts, "ke.junjie"))
    assert [mark.keys[1].text for mark in own.marks] == ["柯俊杰"]
