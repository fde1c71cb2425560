"""The guide to approvals holds: every example of it is a sound definition, in both languages the same, each kind shown."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

import pytest
import yaml

from engine.catalog.catalog import Catalog
from engine.runtime.actors import SYSTEM
from engine.services import setup
from engine.services.flow.picture import as_svg, draw
from engine.services.site import open_site
from tests.sites import build_test_catalog, write_site

DOCS = Path(__file__).resolve().parent.parent / "docs"
GUIDES = {name: (DOCS / name).read_text(encoding="utf-8") for name in ("approvals.md", "approvals.zh.md")}
KINDS = {"approve", "fill", "cc", "branch", "parallel", "auto", "call", "wait", "end", "goto"}
SITE = {
    "site.yaml": """
        site: guide
        languages: [en, zh]
        companies: [acme]
        webhooks: {erp: {url: "https://erp.example.com/approvals", secret: ERP_KEY}}
        """,
    "forms/companies/acme/company.yaml": "company: acme\nlabel: Acme\napps: [sales]\nlanguage: en\n",
    "forms/sales/app.yaml": """
        app: sales
        label: Sales
        roles: {sales: Sales, finance: Finance, legal: Legal, director: Director, flow_admin: Workflows}
        """,
    "forms/sales/client.yaml": """
        form: sales.client
        label: Client
        title: "{name}"
        fields: {name: text, owner: user, last_amount: money}
        access: {sales: {see: always, create: true, change: always}}
        """,
    "forms/sales/contract.yaml": """
        form: sales.contract
        label: Contract
        title: "{name}"
        fields:
          name: {type: text, required: true}
          client: {type: link, to: sales.client}
          seller: user
          unit: department
          amount: money
          margin: {type: percent, places: 4}
          paid: {type: money, blank: zero}
          good: boolean
          note: text
          finance_note: text
          signed_on: date
          delivered_on: date
          status: {type: choice, choices: [draft, valid, refused], default: draft}
          lines: {type: lines, fields: {what: text, share: {type: percent, places: 4}}}
        access: {sales: {see: always, create: true, change: always}}
        """,
    "forms/sales/instalment.yaml": """
        form: sales.instalment
        label: Instalment
        title: "{what}"
        fields:
          contract: {type: link, to: sales.contract, inverse: {name: instalments}}
          what: text
          amount: money
          checked_by: user
        access: {sales: {see: always, create: true, change: always}}
        """,
    "workflows/sales/instalment_check.yaml": """
        workflow: sales.instalment_check
        label: Instalment
        of: sales.instalment
        admin: [{role: flow_admin}]
        start: {who: [{role: sales}]}
        steps: [{approve: look, label: Look, who: [{role: finance}]}]
        """,
}
HEAD = """
    workflow: sales.{name}
    label: Example
    of: sales.contract
    state: false
    admin: [{{role: flow_admin}}]
    start: {{who: [{{role: sales}}], edit: [name]}}
    steps:
"""


def examples(guide: str) -> list[str]:
    """The YAML of a guide."""
    return re.findall(r"^```yaml\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)


def workflow_of(number: int, text: str) -> tuple[str, str]:
    """File and text of an example; a list of steps becomes a workflow."""
    if text.startswith("workflow:"):
        return f"workflows/sales/{text.split('sales.')[1].splitlines()[0]}.yaml", text
    head = textwrap.dedent(HEAD.format(name=f"example_{number}")).lstrip("\n")
    return f"workflows/sales/example_{number}.yaml", head + textwrap.indent(text, "  ")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    """All examples on one site."""
    files = dict(workflow_of(*each) for each in enumerate(examples(GUIDES["approvals.md"])))
    return build_test_catalog({**SITE, **files})


def test_every_example_is_a_sound_workflow(catalog: Catalog) -> None:
    assert len(catalog.workflows) == len(examples(GUIDES["approvals.md"])) + 1


def test_every_kind_of_step_is_shown(catalog: Catalog) -> None:
    assert {step.kind for flow in catalog.workflows.values() for step in flow.all_steps()} == KINDS


def test_both_languages_show_the_same() -> None:
    assert examples(GUIDES["approvals.md"]) == examples(GUIDES["approvals.zh.md"])


@pytest.mark.parametrize("name", sorted(GUIDES))
def test_every_entry_of_who_is_right(name: str) -> None:
    entries = re.findall(r"^\| `(\{.+?\})` \|", GUIDES[name], re.MULTILINE)
    steps = []
    for number, entry in enumerate(entries):
        several = "superiors" in yaml.safe_load(entry)
        mode = ", mode: sequence" if several else ""
        who = entry.replace("handler: head", "handler: first")
        steps.append(f"- {{approve: step_{number}, label: Step, who: [{who}]{mode}}}")
    first = "- {approve: first, label: First, who: [{role: finance}]}\n"
    file, text = workflow_of(99, first + "\n".join(steps) + "\n")
    assert len(entries) == 7
    built = build_test_catalog({**SITE, file: text})
    assert len(list(built.workflows["sales.example_99"].all_steps())) == len(entries) + 1


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("goes on when all have ended", "at most 30 days, then goes on", "Back to “Offer”", "calls another system")),
        ("zh", ("全部结束后继续", "最多 30 天，超时继续", "回到“报价”", "调用外部系统")),
    ],
)
def test_the_pictures_of_the_examples_say_what_they_do(tmp_path: Path, language: str, words: tuple[str, ...]) -> None:
    files = dict(workflow_of(*each) for each in enumerate(examples(GUIDES["approvals.md"])))
    site = open_site(write_site(tmp_path, {**SITE, **files}))
    setup.apply_company(site, "acme")
    company = site.company("acme")
    with company.reading(SYSTEM) as work:
        drawn = [draw(work, each, language) for each in company.catalog.workflows.values()]
    site.close()
    told = "\n".join(as_svg(each) for each in drawn)
    for word in words:
        assert word in told
