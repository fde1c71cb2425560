"""The picture of a workflow: every step and condition in words, and where an approval stands, also after returns."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

import pytest

from engine.runtime.actors import SYSTEM
from engine.services.flow import monitoring, stories
from engine.services.flow.picture import NARROW, WIDE, Picture, as_svg, draw
from engine.services.flow.shapes import Box, Mark, Words, width_of
from engine.storage.database import DatabaseAddress
from tests.flow.office import HEAD, Office, open_office

STEPS = """
    - approve: head
      label: {en: Head, zh: 部门审核}
      who: [{superior: initiator}]
      reject: {to: start}
      return: [start]
      due: {after: 2 workdays}
    - auto: noted
      label: {en: Noted, zh: 记录}
      effects: [{set: {status: asked}}]
    - branch: size
      label: {en: Size, zh: 金额}
      cases:
        - when: "amount >= 100000"
          name: large
          label: {en: Large, zh: 大额}
          steps:
            - parallel: both
              label: {en: Both, zh: 会审}
              branches:
                - name: money
                  label: {en: Money, zh: 财务}
                  steps:
                    - approve: finance
                      label: {en: Finance, zh: 财务审核}
                      who: [{role: finance}]
                      mode: all
                      return: [start, head]
                - name: law
                  label: {en: Law, zh: 法务}
                  when: "margin < 0.1"
                  steps:
                    - {approve: law_review, label: {en: Law review, zh: 法务审核}, who: [{role: legal}]}
              none: skip
        - else: true
          steps: []
    - {fill: filing, label: {en: "Filing <&>", zh: 归档}, who: [{role: legal}], edit: [signed_on]}
    - {cc: told, label: {en: Told, zh: 抄送}, who: [initiator]}
"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """One office for all pictures; every test starts an approval of its own."""
    folder = tmp_path_factory.mktemp("pictures")
    opened = open_office(folder, DatabaseAddress(file=folder / "data.db"), STEPS, head=HEAD)
    yield opened
    opened.world.company.database.close()
    opened.world.site.close()


def picture_of(office: Office, language: str = "en", width: int = NARROW, who: str = "guan") -> Picture:
    return stories.fetch_picture(office.world.company, office.actors[who], office.instance, language, width)


def definition(office: Office, language: str, width: int = NARROW) -> Picture:
    with office.world.company.reading(SYSTEM) as work:
        return draw(work, office.world.company.catalog.workflows["crm.review"], language, width=width)


def said(picture: Picture) -> str:
    return "\n".join(shape.text for shape in picture.shapes if isinstance(shape, Words))


def stands(picture: Picture) -> dict[str, str]:
    """Label of a card → passed | current | refused, for those that have a mark."""
    texts = [shape for shape in picture.shapes if isinstance(shape, Words) and shape.kind in ("name", "pill")]
    found = {}
    for mark in (shape for shape in picture.shapes if isinstance(shape, Mark)):
        nearest = min(texts, key=lambda each: (abs(each.y - mark.y), abs(each.x - mark.x)))
        found[nearest.text] = mark.kind
    return found


def taken(picture: Picture) -> int:
    """How many lists are shown as gone into."""
    return sum(isinstance(shape, Box) and shape.kind == "taken" for shape in picture.shapes)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            (
                "Start",
                "Approval: superior of the initiator",
                "If rejected: back to the start",
                "May return to Start, Head",
                "Due within 2 workdays",
                "Large: if Amount ≥ 100,000",
                "Otherwise",
                "goes on",
                "at the same time, all must finish",
                "Law: if Margin < 0.1",
                "all must approve",
                "To fill in: Legal",
                "Is told: the initiator",
                "sets Status",
                "Approved",
            ),
        ),
        ("zh", ("发起", "审批：发起人的上级", "不同意：退回发起人", "限时 2 个工作日", "大额：若 Amount ≥ 100,000", "其他情况", "通过")),
    ],
)
def test_every_step_and_condition_is_told_in_words(office: Office, language: str, words: tuple[str, ...]) -> None:
    text = said(definition(office, language, WIDE))
    for word in words:
        assert word in text, f"{word} is not in:\n{text}"


@pytest.mark.parametrize("width", [NARROW, WIDE])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_everything_lies_inside_and_nothing_over_another(office: Office, width: int, language: str) -> None:
    picture = definition(office, language, width)
    for shape in picture.shapes:
        if isinstance(shape, Words) and not shape.centred:
            assert shape.x + width_of(shape.text, shape.kind) <= width, shape
        if isinstance(shape, Box):
            assert 0 <= shape.x <= shape.x + shape.width <= width, shape
            assert 0 <= shape.y <= shape.y + shape.height <= picture.height, shape
    cards = [shape for shape in picture.shapes if isinstance(shape, Box) and shape.kind == "step"]
    assert len(cards) == 7
    for at, one in enumerate(cards):
        for other in cards[at + 1 :]:
            beside = one.x + one.width <= other.x or other.x + other.width <= one.x
            above = one.y + one.height <= other.y or other.y + other.height <= one.y
            assert beside or above, (one, other)


def test_the_picture_is_well_formed_and_says_itself_to_those_who_do_not_see_it(office: Office) -> None:
    picture = definition(office, "en")
    tree = ElementTree.fromstring(as_svg(picture))  # noqa: S314 - our own text
    assert [each.text for each in tree if each.tag.endswith("title")] == ["Review"]
    assert picture.told.startswith("Start; Head; Noted; Size; Large: if Amount ≥ 100,000; Both")
    assert "Filing <&>" in said(picture)


def test_the_current_step_and_those_passed_are_marked(office: Office) -> None:
    office.start("zhang", amount="200000", margin="0.05")
    assert stands(picture_of(office)) == {"Start": "passed", "Head": "current"}
    assert picture_of(office).told.startswith("now here: Head; ")
    office.approve("li")
    here = {"Start": "passed", "Head": "passed", "Noted": "passed", "Finance": "current", "Law review": "current"}
    assert stands(picture_of(office)) == here
    assert taken(picture_of(office)) == 3  # Large, Money, Law
    assert stands(picture_of(office, "zh", WIDE, "zhang"))["法务审核"] == "current"
    office.approve("fa")
    assert stands(picture_of(office)) == {**here, "Law review": "passed"}


def test_what_a_return_has_left_is_not_shown_as_passed(office: Office) -> None:
    office.start("zhang", amount="200000", margin="0.05")
    office.approve("li")
    office.back("cai1", to="head")
    assert stands(picture_of(office)) == {"Start": "passed", "Head": "current"}
    office.back("li")
    assert stands(picture_of(office)) == {"Start": "current"}
    office.submit("zhang")
    assert stands(picture_of(office)) == {"Start": "passed", "Head": "current"}


def test_a_refusal_that_goes_back_is_not_shown_as_passed(office: Office) -> None:
    office.start("zhang", amount="10")
    office.reject("li")
    assert stands(picture_of(office)) == {"Start": "current"}


def test_the_step_whose_refusal_ended_it_is_marked(office: Office) -> None:
    office.start("zhang", amount="200000", margin="0.5")
    office.approve("li")
    office.reject("cai2")
    assert stands(picture_of(office)) == {
        "Start": "passed",
        "Head": "passed",
        "Noted": "passed",
        "Finance": "refused",
    }


def test_the_end_is_marked_when_it_was_reached(office: Office) -> None:
    office.start("zhang", amount="10")
    office.approve("li")
    office.submit("fa", signed_on="2024-01-05")
    found = stands(picture_of(office))
    assert found == {
        "Start": "passed",
        "Head": "passed",
        "Noted": "passed",
        "Filing <&>": "passed",
        "Told": "passed",
        "Approved": "passed",
    }


def test_the_monitor_says_where_each_stands_and_finds_it_by_its_step(office: Office) -> None:
    company, guan = office.world.company, office.actors["guan"]
    first = office.start("zhang", amount="300000", margin="0.5")
    office.approve("li")

    def ids(step: str, **more: object) -> list[int]:
        wanted = monitoring.Wanted((), workflow="crm.review", step=step, **more)  # type: ignore[arg-type]
        return [row.id for row in monitoring.fetch_monitor(company, guan, wanted).rows]

    assert ids("finance")[0] == first
    assert first not in ids("head")
    assert first not in ids("finance", before=first)
    found = monitoring.fetch_monitor(company, guan, monitoring.Wanted((), workflow="crm.review"))
    row = next(each for each in found.rows if each.id == first)
    assert [label["en"] for label in found.steps(row)] == ["Finance"]
    assert [name for name, _ in found.places] == ["start", "head", "finance", "law_review", "filing"]
    assert not found.late(row)
