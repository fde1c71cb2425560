"""Does what the README tells newcomers to do, word for word, in a copy of the site."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli import main
from engine.services import records, setup
from engine.services.people import SYSTEM
from engine.services.site import Site, open_site

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
FILES = re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", README, re.DOTALL)
COMMANDS = re.findall(r"^weft (.+)$", README, re.MULTILINE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the repository's site after the files of the tutorial were written."""
    target = tmp_path_factory.mktemp("readme")
    for name in ("forms", "workflows", "dashboards", "templates_pack"):
        shutil.copytree(ROOT / name, target / name)
    site = (ROOT / "site.yaml").read_text(encoding="utf-8")
    (target / "site.yaml").write_text(re.sub(r"companies: \[.*\]", "companies: [workshop]", site), encoding="utf-8")
    for name, text in FILES:
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_text(text, encoding="utf-8")
    return target


@pytest.fixture(scope="module")
def site(folder: Path) -> Site:
    opened = open_site(folder)
    setup.prepare_demo(opened, "workshop", lambda text, rows: None)
    return opened


def test_the_readme_has_its_steps() -> None:
    assert len(FILES) == 5
    assert [command.split()[0] for command in COMMANDS] == ["check", "plan", "apply", "why"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_readme_works(folder: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(main, command.split(), catch_exceptions=False)
    assert done.exit_code == 0, done.output


def test_why_names_the_file_of_the_tutorial(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    done = CliRunner().invoke(main, COMMANDS[-1].split(), catch_exceptions=False)
    assert "workflows/companies/workshop/crm/opportunity_stages.yaml:6" in done.output


def test_a_rental_counts_its_days_and_has_a_number(site: Site) -> None:
    company = site.company("workshop")
    customer = records.save_record(company, SYSTEM, "crm.customer", None, {"name": "Velo Club"})
    rental = records.save_record(
        company, SYSTEM, "fleet.rental", None,
        {
            "customer": customer.id, "from_day": "2026-05-01", "to_day": "2026-05-03",
            "bikes": [{"model": "Tandem", "per_day": "25"}, {"model": "City", "per_day": "12.50"}],
        },
    )
    assert rental.wire("total") == "112.50"
    assert str(rental.wire("number")).endswith("-001")


def test_the_new_stage_stands_where_the_readme_puts_it(site: Site) -> None:
    (found,) = site.company("workshop").catalog.stage_sets["crm.opportunity", "stage"]
    stages = list(found.stages)
    assert stages[stages.index("propose") + 1] == "test_ride"


def test_the_pictures_of_the_readme_are_there() -> None:
    missing = [name for name in re.findall(r"\]\((docs/images/\S+)\)", README) if not (ROOT / name).is_file()]
    assert missing == []


def test_the_links_of_the_readme_lead_somewhere() -> None:
    linked = [name for name in re.findall(r"\]\(([^)#:]+)(?:#\S+)?\)", README) if not name.startswith("docs/images")]
    assert [name for name in linked if not (ROOT / name).exists()] == []
