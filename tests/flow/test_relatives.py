"""The page of an approval leads to those it has called, and back; the monitor says in the reader's words what stopped."""

from __future__ import annotations

from engine.services.flow import monitoring, stories
from tests.flow.conftest import OpenOffice
from tests.flow.office import Office
from tests.flow.test_calling import STEPS, Called


def ids(office: Office, who: str, instance: int) -> list[int]:
    """The approvals connected with one, as somebody is told."""
    company, actor = office.world.company, office.actors[who]
    story = stories.fetch_story(company, actor, instance)
    return [each.instance.id for each in stories.fetch_relatives(company, actor, story)]


def test_connected_approvals_lead_to_each_other(office_with: OpenOffice) -> None:
    called = Called(office_with, STEPS)
    office, parent = called.office, called.parent
    children = ids(office, "guan", parent)
    assert len(children) == 2
    assert ids(office, "guan", children[0]) == [parent]
    found = monitoring.fetch_monitor(office.world.company, office.actors["guan"], monitoring.Wanted(()))
    row = next(each for each in found.rows if each.id == parent)
    assert [label["en"] for label in found.steps(row)] == ["Ask"]  # nobody is asked there, and still it stands there
    wanted = monitoring.Wanted((), workflow="crm.review", step="ask")
    assert [each.id for each in monitoring.fetch_monitor(office.world.company, office.actors["guan"], wanted).rows] == [
        parent
    ]


def test_what_has_stopped_is_told_in_both_languages(office_with: OpenOffice) -> None:
    office = office_with("- {approve: law, who: [{role: legal}], empty: block, exclude: [{user: fa}]}")
    instance = office.start("zhang")
    company, guan = office.world.company, office.actors["guan"]
    found = monitoring.fetch_monitor(company, guan, monitoring.Wanted((), state="incident"))
    told = found.incident(found.rows[0])
    story = stories.fetch_story(company, guan, instance)
    assert told is not None
    assert story.incident == told
    assert told["en"] != told["zh"]
