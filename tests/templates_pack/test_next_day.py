"""Demo companies after a night: daily figures are of the new day, and no stored figure is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine.services.jobs import build_worker
from engine.services.site import Site
from engine.services.verifying import verify
from tests.templates_pack.conftest import DATABASES, open_loaded, prepared_site, served
from tests.templates_pack.figures import rows_of

COMPANY = "components_distributor"


class Night:
    """A site whose clock is set by hand."""

    site: Site
    now = datetime(2027, 1, 31, 4, tzinfo=UTC)

    def clock(self) -> datetime:
        return self.now


@pytest.fixture(params=DATABASES)
def night(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Night]:
    """The components distributor with its demo rows, loaded at noon of the last day of January."""
    url = request.getfixturevalue("postgresql_url") if request.param == "postgresql" else None
    night = Night()
    for site in served(tmp_path, url, COMPANY, night.clock):
        night.site = site
        open_loaded(site, COMPANY)
        yield night


def test_a_night_later_daily_figures_are_right_and_paid_sheets_are_as_they_were(night: Night) -> None:
    company = night.site.company(COMPANY)
    before = {row["id"]: row for row in rows_of(company, "crm.pay_sheet", "overdue_rate", "pay", "status")}

    night.now = datetime(2027, 2, 1, 4, tzinfo=UTC)
    (done,) = build_worker(night.site, COMPANY).run_due()
    found = verify(company)
    after = {row["id"]: row for row in rows_of(company, "crm.pay_sheet", "overdue_rate", "pay", "status")}

    assert (done.failed, done.dead) == (0, 0)
    assert (found.wrong, found.waiting) == ([], 0)
    assert found.looked > 3000
    paid = {key for key, row in before.items() if row["status"] == "paid"}
    assert {key: after[key] for key in paid} == {key: before[key] for key in paid}


@pytest.mark.parametrize("company_id", ["energy_integrator", "instrument_maker"])
def test_no_figure_of_a_fresh_company_is_wrong_after_its_first_night(
    tmp_path_factory: pytest.TempPathFactory, company_id: str
) -> None:
    for site in prepared_site(company_id, tmp_path_factory):
        company = site.company(company_id)

        build_worker(site, company_id).run_due()
        found = verify(company)

        assert (found.wrong, found.frozen, found.waiting) == ([], [], 0)
        assert found.looked > 1000
