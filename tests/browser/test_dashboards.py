"""A board with a widget of every type, at both sizes: drawn, filtered, picked, opened, gone back from; nothing of it fails."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.acts import pick, scrolls_sideways
from tests.browser.stage import COMPANY, DESKTOP, PHONE, LiveSite, Window, copy_site, serving
from tests.browser.test_every_page import complaints
from tests.prepared import copy_prepared

OpenWindow = Callable[..., Window]
EVERY = """\
dashboard: crm.every
label: {en: Every widget, zh: 全部组件}
filters:
  period: {field: {crm.opportunity: close_date, crm.contract: signed_on}, default: all}
  person: {field: {crm.opportunity: salesperson, crm.customer: owner}}
  department: {field: {crm.opportunity: salesperson.department}}
  source: {field: {crm.opportunity: source}}
  stage: {field: {crm.opportunity: stage}}
  name: {field: {crm.opportunity: name}, label: {en: Name, zh: 名称}}
widgets:
  count: {type: number, label: {en: Deals, zh: 商机数}, of: crm.opportunity, value: COUNT(), by: {close_date: month}, compare: previous_period, target: 50}
  goal: {type: gauge, label: {en: Goal, zh: 目标}, of: crm.opportunity, value: COUNT(), target: 200}
  progress: {type: progress, label: {en: By source, zh: 来源达成}, of: crm.opportunity, value: COUNT(), by: source, target: 30}
  bar: {type: bar, label: {en: By department, zh: 按部门}, of: crm.opportunity, value: COUNT(), by: salesperson.department, drill: [salesperson, stage]}
  column: {type: column, label: {en: Stacked, zh: 堆叠}, of: crm.opportunity, value: COUNT(), by: {close_date: month}, split: kind}
  line: {type: line, label: {en: Line, zh: 折线}, of: crm.opportunity, value: SUM(amount), format: money, by: {close_date: month}, trend: linear, average: 3}
  area: {type: area, label: {en: Area, zh: 面积}, of: crm.opportunity, value: COUNT(), by: {close_date: quarter}}
  combined:
    type: combined
    label: {en: Combined, zh: 组合}
    of: crm.opportunity
    by: {close_date: month}
    values:
      amount: {value: SUM(amount), format: money, label: {en: Amount, zh: 金额}, shape: column}
      rate: {value: 'DIVIDE(COUNT(records[stage.outcome = "won"]), COUNT(), NULL)', format: percent, label: {en: Rate, zh: 赢单率}, shape: line, axis: right}
  pie: {type: pie, label: {en: Pie, zh: 饼图}, of: crm.opportunity, value: COUNT(), by: kind}
  donut: {type: donut, label: {en: Donut, zh: 环图}, of: crm.opportunity, value: SUM(amount), format: money, by: source}
  funnel: {type: funnel, label: {en: Funnel, zh: 漏斗}, of: crm.opportunity, by: stage, value: COUNT(), then: SUM(amount)}
  ranking: {type: ranking, label: {en: Ranking, zh: 排行}, of: crm.opportunity, value: COUNT(), by: salesperson, compare: previous_period}
  pivot: {type: pivot, label: {en: Pivot, zh: 透视}, of: crm.opportunity, rows: [salesperson.department, salesperson], columns: stage, values: {n: COUNT(), average: AVG(amount)}}
  scatter: {type: scatter, label: {en: Scatter, zh: 散点}, of: crm.opportunity, by: salesperson, values: {n: COUNT(), sum: SUM(amount), average: AVG(amount)}}
  segments: {type: segments, label: {en: Segments, zh: 分层}, of: crm.customer, by: level, split: industry, values: {n: COUNT(), owed: SUM(receivable)}}
  heat: {type: heat, label: {en: Heat, zh: 热力}, of: crm.opportunity, by: stage, split: source, value: COUNT()}
  map: {type: map, label: {en: Map, zh: 地图}, of: crm.customer, by: region, value: COUNT()}
  timeline: {type: timeline, label: {en: Timeline, zh: 时间线}, of: crm.contract, start: starts_on, end: ends_on, columns: [stage], order: starts_on}
  table: {type: table, label: {en: Table, zh: 明细}, of: crm.opportunity, columns: [name, stage, amount, salesperson, close_date], order: -amount}
layout:
  - [count, goal, progress]
  - [bar, column]
  - [line, area]
  - [combined, funnel]
  - [pie, donut, map]
  - [ranking, scatter]
  - [pivot]
  - [segments, heat]
  - [timeline]
  - [table]
"""
DRAWN = ("bar", "column", "line", "area", "combined", "pie", "donut", "scatter", "map")


@pytest.fixture(scope="module")
def live(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveSite]:
    """The demo company with a board of every widget."""
    folder = copy_site(tmp_path_factory.mktemp("site"))
    copy_prepared(COMPANY, folder, tmp_path_factory)
    target = folder / "dashboards" / "companies" / COMPANY / "crm" / "every.yaml"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(EVERY, encoding="utf-8")
    with serving(folder) as site:
        yield site


def widget(page: Page, name: str) -> Locator:
    return page.locator(f'[data-widget="{name}"]')


def settled(page: Page) -> None:
    """Every widget has its numbers."""
    expect(page.locator("[data-widget][aria-busy]")).to_have_count(0)


def number(page: Page) -> int:
    return int(widget(page, "count").locator("[data-figure]").inner_text().replace(",", ""))


def picks(page: Page) -> list[str]:
    return parse_qs(urlsplit(page.url).query, keep_blank_values=True).get("pick", [])


@pytest.mark.parametrize("device", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_type_of_widget_is_drawn(window: OpenWindow, device: dict[str, object]) -> None:
    page = window("sales_director", device).open("boards/crm/every")
    settled(page)
    expect(page.locator('.e-widget-part[data-state="ok"]')).to_have_count(19)
    for name in DRAWN:
        expect(widget(page, name).locator(".e-chart svg path").first).to_be_attached()
    for name, shape in {
        "count": ".e-spark-line", "goal": ".e-gauge-part", "progress": ".e-aim .e-bar", "funnel": ".e-funnel-steps polygon",
        "ranking": ".e-rank", "pivot": ".e-pivot tfoot", "segments": ".e-cell[data-pick]", "heat": ".e-cell[data-pick]",
        "timeline": ".e-timeline-row rect", "table": "tbody tr",
    }.items():  # fmt: skip
        expect(widget(page, name).locator(shape).first).to_be_attached()
    assert not scrolls_sideways(page)
    assert complaints(page) == []


def test_a_mark_filters_the_rest_without_leaving_the_page(window: OpenWindow) -> None:
    page = window("sales_director").open("boards/crm/every")
    settled(page)
    page.evaluate("window.stays = true")
    whole = number(page)
    steps = widget(page, "funnel").locator(".e-funnel-step")
    told = re.search(r"\d+", steps.first.locator(".e-clip").inner_text().split("\n")[-1].rsplit(" ", 1)[-1])
    steps.first.click()
    expect(page.locator(".e-dash-chip")).to_have_count(1)
    expect(steps.first).to_have_attribute("aria-pressed", "true")
    expect(widget(page, "funnel").locator(".e-funnel-step.e-out")).not_to_have_count(0)
    settled(page)
    assert told is not None
    assert number(page) == int(told.group()) < whole
    assert len(picks(page)) == 1

    records = widget(page, "funnel").locator("[data-records]").get_attribute("href")
    page.go_back()
    expect(page.locator(".e-dash-chip")).to_have_count(0)
    settled(page)
    assert number(page) == whole
    assert page.evaluate("window.stays")
    page.goto(page.url.split("/boards")[0].rsplit("/", 1)[0] + str(records))
    expect(page.locator(".e-head-sub").last).to_contain_text(told.group())


def test_filters_levels_and_pages_of_a_board(window: OpenWindow) -> None:
    page = window("sales_director").open("boards/crm/every")
    settled(page)
    whole = number(page)
    page.locator('[data-menu="filter-stage"]').click()
    page.locator('#filter-stage input[type="checkbox"]').first.check()
    page.locator("#filter-stage .btn-primary").click()
    expect(page.locator('[data-menu="filter-stage"] b')).to_be_visible()
    settled(page)
    assert 0 < number(page) < whole
    page.locator('[data-menu="filter-person"]').click()
    pick(page.locator("#filter-person"), "")
    page.locator("#filter-person .btn-primary").click()
    expect(page.locator('[data-menu="filter-person"] b')).to_be_visible()
    page.locator("[data-clear-all]").click()
    expect(page).not_to_have_url(re.compile(r"\?"))
    settled(page)
    assert number(page) == whole

    page.locator('.e-segments [data-period-word="this_year"]').click()
    expect(page.locator('.e-segments [data-period-word="this_year"]')).to_have_attribute("aria-pressed", "true")
    expect(page).to_have_url(re.compile(r"f\.period=this_year"))
    expect(widget(page, "count").locator(".e-change")).to_be_visible()
    page.locator('.e-segments [data-period-word="all"]').click()
    expect(page).not_to_have_url(re.compile(r"\?"))

    bar = widget(page, "bar")
    bar.locator("summary").click()
    bar.locator(".e-mark-name").first.click()
    expect(bar.locator('.e-mark-name[aria-pressed="true"]')).to_have_count(1)
    department = bar.locator('.e-mark-name[aria-pressed="true"]').inner_text()
    bar.locator('[data-drill="1"]').click()
    expect(bar.locator('[data-drill="1"]')).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".e-dash-chip")).to_contain_text(department)
    bar.locator('[data-drill="0"]').click()
    expect(page.locator(".e-dash-chip")).to_have_count(0)

    settled(page)
    pivot = widget(page, "pivot")
    inner = pivot.locator("tr.level-1").first
    shown = inner.is_visible()
    pivot.locator("[data-unfold]").first.click()
    expect(inner).to_be_visible(visible=not shown)
    rows = widget(page, "table").locator("tbody tr")
    expect(rows).to_have_count(20)
    widget(page, "table").locator("[data-more]").click()
    expect(rows).not_to_have_count(20)


def test_a_failing_widget_fails_alone_and_bad_addresses_say_so(window: OpenWindow) -> None:
    opened = window("sales_director")
    opened.expect_fault("500")
    opened.expect_fault("422")
    page = opened.context.new_page()
    page.route(re.compile(r"/widgets/bar"), lambda route: route.fulfill(status=500, body="no"))
    page.goto(f"{opened.address}/{COMPANY}/boards/crm/every")
    settled(page)
    expect(widget(page, "bar").locator("[data-retry]")).to_be_visible()
    expect(page.locator('.e-widget-part[data-state="ok"]')).to_have_count(18)
    page.unroute(re.compile(r"/widgets/bar"))
    widget(page, "bar").locator("[data-retry]").click()
    expect(widget(page, "bar").locator(".e-chart svg")).to_be_visible()
    page.close()
    page = opened.open("boards/crm/every?pick=nothing~stage~x")
    expect(page.locator('[role="alert"]')).to_be_visible()
