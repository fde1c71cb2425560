"""The guide to boards holds: every example of it is a sound definition, every kind of widget is shown, and all answer."""

from __future__ import annotations

import re
from pathlib import Path

from engine.catalog.build_dashboards import WIDGETS
from engine.runtime.actors import SYSTEM
from engine.services import setup
from engine.services.dashboards.boards import fetch_widgets
from engine.services.dashboards.views import BoardState
from engine.services.site import open_site
from tests.sites import write_site

DOCS = Path(__file__).resolve().parent.parent / "docs"
GUIDES = {name: (DOCS / name).read_text(encoding="utf-8") for name in ("boards.md", "boards.zh.md")}
SITE = {
    "site.yaml": "site: guide\nlanguages: [en, zh]\ncompanies: [acme]\n",
    "forms/companies/acme/company.yaml": "company: acme\nlabel: Acme\napps: [sales]\nlanguage: en\n",
    "forms/sales/app.yaml": """
        app: sales
        label: Sales
        roles: {sales: Sales, manager: Manager}
        menu: [overview, deal]
        """,
    "forms/sales/client.yaml": """
        form: sales.client
        label: Client
        title: "{name}"
        fields:
          name: text
          region: {type: choice, choices: [north, south]}
          province: {type: text}
          recency: {type: choice, choices: [fresh, old]}
          frequency: {type: choice, choices: [once, often]}
          orders: integer
          worth: money
          seller: user
        access: {sales: {see: always, create: true, change: always}}
        """,
    "forms/sales/deal.yaml": """
        form: sales.deal
        label: Deal
        title: "{name}"
        fields:
          name: text
          client: {type: link, to: sales.client}
          seller: user
          amount: money
          begun_on: date
          closed_on: date
          kind: {type: choice, choices: [small, big]}
          source: {type: choice, choices: [fair, web]}
          status: {type: choice, choices: [open, won, lost], default: open}
          stage: stage
        access: {sales: {see: always, create: true, change: always}}
        """,
    "forms/sales/target.yaml": """
        form: sales.target
        label: Target
        title: "{seller.name}"
        fields: {seller: user, month: date, kind: {type: choice, choices: [small, big]}, amount: money}
        access: {sales: {see: always, create: true, change: always}}
        """,
    "workflows/sales/deal_stages.yaml": """
        pipeline: sales.deal_stages
        of: sales.deal.stage
        stages: {first: {label: First}, second: {label: Second}}
        ends: {won: {label: Won, outcome: won}, lost: {label: Lost, outcome: lost}}
        """,
}
PLACES = ("dashboards/sales/deals.yaml", "dashboards/sales/overview.yaml", "dashboards/sales/kinds.yaml")


def examples(guide: str) -> list[str]:
    """The YAML of a guide."""
    return re.findall(r"^```yaml\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)


def test_the_examples_are_boards_that_answer_and_show_every_kind_of_widget(tmp_path: Path) -> None:
    metrics, board, widgets, overlay = examples(GUIDES["boards.md"])
    filters = "filters: {period: {field: {sales.deal: closed_on}, default: this_year}}\n"
    files = {
        **SITE,
        **dict(zip(PLACES, (metrics, board, f"dashboard: sales.kinds\nlabel: Kinds\n{filters}{widgets}"), strict=True)),
        "dashboards/companies/acme/sales/overview.yaml": overlay,
    }
    site = open_site(write_site(tmp_path, files))
    setup.apply_company(site, "acme")
    company = site.company("acme")
    boards = company.catalog.dashboards
    assert {widget.type for each in boards.values() for widget in each.widgets.values()} == set(WIDGETS)
    assert boards["sales.overview"].label["en"] == "Our sales"
    for each in boards:
        for data in fetch_widgets(company, SYSTEM, each, None, BoardState(), "en"):
            assert data.state in ("ok", "empty"), (each, data.widget.name, data.problems)
    site.close()


def test_both_languages_show_the_same() -> None:
    assert examples(GUIDES["boards.md"]) == examples(GUIDES["boards.zh.md"])


def test_the_boards_of_the_table_are_there() -> None:
    root = DOCS.parent / "templates_pack"
    for guide in GUIDES.values():
        named = re.findall(r"^\| `(\w+)\.(\w+)` \|", guide, re.MULTILINE)
        assert len(named) == 7
        assert all((root / app / "dashboards" / f"{board}.yaml").is_file() for app, board in named)
