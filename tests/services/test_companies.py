"""What is wrong with one company of a site concerns no other."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.problems import NotVisible
from engine.services import setup
from engine.services.site import Site, open_site
from engine.web.app import create_app
from tests.sites import write_site

FILES = {
    "site.yaml": "site: test\nlanguages: [en, zh]\ndemo: true\ncompanies: [acme, bolt, core]\n",
    "forms/companies/acme/company.yaml": "company: acme\nlabel: Acme\napps: [work]\nlanguage: en\n",
    "forms/companies/bolt/company.yaml": "company: bolt\nlabel: Bolt\napps: [work]\nlanguage: en\n",
    "forms/companies/core/company.yaml": "company: core\nlabel: Core\napps: [work]\nlanguage: en\n",
    "forms/companies/core/work/task.yaml": "overlay: work.task\nfields: {nothing: {label: Nothing}}\n",
    "forms/work/app.yaml": "app: work\nlabel: Work\nroles: {staff: Staff}\n",
    "forms/work/task.yaml": "form: work.task\nfields: {name: text}\naccess: {staff: {see: always}}\n",
}


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """acme is applied, bolt is not, core has an overlay that does not fit."""
    (tmp_path / "templates_pack").mkdir()
    site = open_site(write_site(tmp_path, FILES))
    setup.apply_company(site, "acme")
    return site


def test_companies_that_are_not_applied_say_so_and_the_others_are_served(site: Site) -> None:
    assert [each.id for each in site.served()] == ["acme"]
    assert [problem.code for problem in site.why_closed("bolt")] == ["R119"]
    assert site.why_closed("acme") == ()
    with pytest.raises(NotVisible):
        site.company("bolt")


def test_a_company_is_served_as_soon_as_it_is_applied(site: Site) -> None:
    assert site.why_closed("bolt")
    setup.apply_company(site, "bolt")
    assert [each.id for each in site.served()] == ["acme", "bolt"]


def test_a_database_that_cannot_be_read_closes_only_its_company(site: Site) -> None:
    place = site.root / "var/bolt/data.db"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"this is no database, whatever its name says " * 200)
    assert [problem.code for problem in site.why_closed("bolt")] == ["R120"]
    assert [each.id for each in site.served()] == ["acme"]


def test_the_sign_in_pages_offer_the_companies_that_are_served(site: Site) -> None:
    client = create_app(site).test_client()
    chosen = client.get("/sign-in")
    assert chosen.headers["Location"] == "/acme/sign-in"
    assert client.get("/acme/sign-in").status_code == 200
    assert client.get("/bolt/sign-in").status_code == 404
    setup.apply_company(site, "bolt")
    assert "Bolt" in client.get("/sign-in").text
    assert client.get("/bolt/sign-in").status_code == 200
