"""The organisation is read again only when somebody, or a department, has been saved since."""

from __future__ import annotations

from engine.runtime.actors import SYSTEM
from engine.services import records
from engine.storage.organisation import Organisation, OrganisationBook
from tests.flow.conftest import OpenOffice
from tests.flow.office import Office


def read(office: Office, book: OrganisationBook) -> Organisation:
    with office.world.company.reading(SYSTEM) as work:
        return book.read(work.uow)


def test_what_nobody_has_changed_is_not_read_again(office_with: OpenOffice) -> None:
    office, book = office_with("- {approve: check, who: [{superior: initiator}]}"), OrganisationBook()
    assert read(office, book) is not read(office, book)  # somebody may be saved again in this second
    office.world.clock.forward(seconds=1)
    first = read(office, book)
    assert read(office, book) is first
    zhang, li, fa = (office.person(login) for login in ("zhang", "li", "fa"))
    assert first.superior(zhang) == li
    records.save_record(office.world.company, SYSTEM, "people.person", zhang, {"superior": fa})
    changed = read(office, book)
    assert (changed.superior(zhang), read(office, book) is changed) == (fa, False)
    office.world.clock.forward(seconds=1)
    kept = read(office, book)
    records.save_record(office.world.company, SYSTEM, "people.department", None, {"name": "New", "head": fa})
    assert (len(kept.departments), len(read(office, book).departments)) == (1, 2)
    office.world.clock.forward(seconds=1)
    assert read(office, book).holders("legal") == [fa]
    records.delete_record(office.world.company, SYSTEM, "people.person", zhang)
    assert zhang not in read(office, book).people


def test_who_is_asked_follows_a_change_at_once(office_with: OpenOffice) -> None:
    office = office_with("- {approve: check, who: [{superior: initiator}]}")
    for seconds in (0, 5):
        office.world.clock.forward(seconds=seconds)
        office.start("zhang", name=f"After {seconds}")
        assert office.waiting() == [("check", "li")]
    values = {"superior": office.person("fa")}
    records.save_record(office.world.company, SYSTEM, "people.person", office.person("zhang"), values)
    office.start("zhang", name="Changed")
    assert office.waiting() == [("check", "fa")]
