"""Who sees, changes and finds what."""

from __future__ import annotations

import pytest

from engine.problems import ProblemsFound
from engine.services import records, timeline
from engine.services.views_of_records import ListRequest
from tests.worlds import World, codes


def accounts_of_three(world: World) -> dict[str, int]:
    return {
        "li": world.save(world.li, "account", name="Of Li", region="N").id or 0,
        "qi": world.save(world.qi, "account", name="Of Qi", region="S").id or 0,
        "wang": world.save(world.wang, "account", name="Of Wang", limit="100").id or 0,
    }


def test_own_team_department_and_always_say_which_records_a_list_shows(world: World) -> None:
    accounts_of_three(world)
    assert world.titles(world.li, "account") == ["Of Li"]
    assert world.titles(world.mo, "account") == ["Of Li"]
    assert world.titles(world.ou, "account") == ["Of Li"]
    assert world.titles(world.wang, "account") == ["Of Li", "Of Qi", "Of Wang"]


def test_a_record_out_of_sight_is_not_there_and_one_in_sight_may_still_be_refused(world: World) -> None:
    ids = accounts_of_three(world)
    assert codes(lambda: world.fetch(world.li, "account", ids["qi"])) == [("404", "not visible")]
    assert codes(lambda: world.save(world.li, "account", ids["qi"], region="X")) == [("404", "not visible")]
    assert codes(lambda: world.save(world.li, "account", 999_999, region="X")) == [("404", "not visible")]
    assert codes(lambda: world.save(world.ou, "account", ids["li"], region="X")) == [("R102", "not allowed")]


def test_a_hidden_field_is_unknown_wherever_it_is_named(world: World) -> None:
    ids = accounts_of_three(world)
    company = world.company

    def listed(**request: object) -> object:
        return records.list_records(company, world.li, "crm.account", ListRequest(**request))  # type: ignore[arg-type]

    for name in ("limit", "misspelt"):
        assert codes(lambda name=name: world.save(world.li, "account", ids["li"], **{name: "1"})) == [("R101", name)]
        assert [code for code, _ in codes(lambda name=name: listed(sort=((name, False),)))] == ["R101"]
        assert [code for code, _ in codes(lambda name=name: listed(fields=(name,)))] == ["R101"]
        group = lambda name=name: records.list_groups(company, world.li, "crm.account", name)  # noqa: E731
        assert [code for code, _ in codes(group)] == ["R101"]


def test_a_filter_says_the_same_of_a_hidden_field_as_of_a_misspelt_one(world: World) -> None:
    def said(name: str) -> list[str]:
        request = ListRequest(where=f"ISEMPTY({name})")
        with pytest.raises(ProblemsFound) as found:
            records.list_records(world.company, world.li, "crm.account", request)
        return [f"{each.code} {each.message()} {each.advice()}".replace(name, "…") for each in found.value.problems]

    assert said("limit") == said("mizpelt")
    assert "limit" not in said("mizpelt")[0]


def test_values_of_a_hidden_field_and_what_is_computed_from_it_are_absent(world: World) -> None:
    ids = accounts_of_three(world)
    seen = world.fetch(world.li, "account", ids["li"]).values
    assert "limit" not in seen
    assert "room" not in seen
    assert "ordered" in seen
    assert "room" in world.fetch(world.wang, "account", ids["li"]).values


def test_a_change_must_be_allowed_on_the_row_before_and_on_the_row_after(world: World) -> None:
    account = world.save(world.li, "account", name="A").id
    order = world.save(world.li, "order", account=account).id
    assert codes(lambda: world.save(world.li, "order", order, locked=True)) == [("R102", "not allowed")]
    world.save(world.wang, "order", order, locked=True)
    assert codes(lambda: world.save(world.li, "order", order, region="X")) == [("R102", "not allowed")]


def test_an_owner_may_hand_a_record_over_and_then_sees_it_no_more(world: World) -> None:
    account = world.save(world.li, "account", name="A").id
    world.save(world.li, "account", account, rep=world.qi.person, region="S")
    assert world.titles(world.li, "account") == []
    assert world.titles(world.qi, "account") == ["A"]


def test_a_refused_request_leaves_the_database_as_it_was(world: World) -> None:
    ids = accounts_of_three(world)
    order = world.save(world.li, "order", account=ids["li"]).id
    before = world.fingerprint()
    refused = [
        lambda: world.save(world.li, "account", ids["qi"], region="X"),
        lambda: world.save(world.li, "account", None, name=""),
        lambda: world.save(world.li, "order", None, account=ids["qi"]),
        lambda: world.save(world.li, "order", order, locked=True, region="X"),
        lambda: records.delete_record(world.company, world.li, "crm.account", ids["li"]),
        lambda: records.delete_record(world.company, world.ou, "crm.account", ids["li"]),
    ]
    assert all(codes(act) for act in refused)
    assert world.fingerprint() == before


def test_a_link_names_no_record_that_its_reader_may_not_see(world: World) -> None:
    ids = accounts_of_three(world)
    order = world.save(world.wang, "order", account=ids["qi"], rep=world.li.person)
    seen = world.fetch(world.li, "order", order.id)
    assert "Of Qi" not in seen.title
    assert seen.titles.get("crm.account", {}) == {}


def test_a_collaborator_sees_one_record_and_changes_it_only_when_marked_so(world: World) -> None:
    ids = accounts_of_three(world)
    timeline.add_collaborator(world.company, world.wang, "crm.account", ids["qi"], world.li.person)
    assert world.titles(world.li, "account") == ["Of Li", "Of Qi"]
    assert codes(lambda: world.save(world.li, "account", ids["qi"], region="X")) == [("R102", "not allowed")]
    timeline.add_collaborator(world.company, world.wang, "crm.account", ids["qi"], world.li.person, may_change=True)
    assert world.save(world.li, "account", ids["qi"], region="X").values["region"] == "X"


def test_the_sight_of_a_form_tells_fields_and_verbs_without_asking_the_database(world: World) -> None:
    sight = records.form_sight(world.company, world.li, "crm.account")
    assert "limit" not in sight.see
    assert "ordered" not in sight.change
    assert {"see", "create", "change", "delete"} <= sight.verbs
    assert codes(lambda: records.form_sight(world.company, world.ou, "crm.order")) == [("404", "not visible")]
