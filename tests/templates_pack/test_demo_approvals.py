"""Approvals that the demo scenarios leave behind: some at work, some ended, and none of them is played twice."""

from __future__ import annotations

from collections import Counter

import pytest

from engine.runtime.actors import SYSTEM
from engine.services.scenarios.reading import read_demos
from engine.services.scenarios.replaying import replay_demo
from engine.services.site import OpenCompany, open_site
from engine.storage.flow_lists import Wanted, list_instances
from tests.templates_pack.demo import COMPANIES, ROOT, demo_catalog, read_demo_site


def states(company: OpenCompany) -> Counter[str]:
    """How many approvals there are in each state."""
    with company.reading(SYSTEM) as work:
        found, following = list_instances(work.uow, Wanted(list(company.catalog.workflows), state=""))
    assert following is None
    return Counter(each.state for each in found)


@pytest.mark.parametrize("company", [each for each in COMPANIES if demo_catalog(each).workflows])
def test_every_company_with_workflows_has_demo_approvals(company: str) -> None:
    found = read_demos(read_demo_site(), company, tuple(demo_catalog(company).apps))
    assert [case.name for each in found for case in each.cases]


def test_demo_approvals_are_at_work_and_ended_and_played_once(instruments: OpenCompany) -> None:
    before = states(instruments)
    assert before["running"] >= 4
    assert before["approved"] >= 2
    assert before["rejected"] >= 1
    with instruments.reading(SYSTEM) as work:
        now = work.uow.now
    assert replay_demo(open_site(ROOT), instruments, lambda text, rows: None) == ()
    assert states(instruments) == before
    with instruments.reading(SYSTEM) as work:
        assert work.uow.now >= now


def test_demo_approvals_of_the_energy_integrator(energy: OpenCompany) -> None:
    assert set(states(energy)) >= {"running", "approved", "revoked"}
