"""Signing in and out, tokens, the first start."""

from __future__ import annotations

from pathlib import Path

from engine.runtime.actors import SYSTEM
from engine.services import people, records, setup
from engine.storage.database import DatabaseAddress
from tests.worlds import World, build_world, codes

GOOD = "harvest-moon-42"


def sign_in(world: World, password: str = GOOD, login: str = "li") -> str:
    return people.sign_in(world.company, login, password, "10.0.0.1", "test")


def test_a_session_belongs_to_its_person_until_sign_out(world: World) -> None:
    people.set_password(world.company, "li", GOOD)
    token = sign_in(world, login=" LI ")
    actor = people.actor_of(world.company, token)
    assert actor is not None
    assert (actor.login, actor.roles) == ("li", {"sales"})
    people.sign_out(world.company, token)
    assert people.actor_of(world.company, token) is None


def test_a_session_ends_when_idle_for_two_hours_and_after_twelve_in_any_case(world: World) -> None:
    people.set_password(world.company, "li", GOOD)
    token = sign_in(world)
    for _ in range(7):
        world.clock.forward(minutes=100)
        assert people.actor_of(world.company, token) is not None
    world.clock.forward(minutes=21)
    assert people.actor_of(world.company, token) is None
    other = sign_in(world)
    world.clock.forward(minutes=121)
    assert people.actor_of(world.company, other) is None


def test_a_wrong_login_and_a_wrong_password_are_told_alike(world: World) -> None:
    people.set_password(world.company, "li", GOOD)
    assert codes(lambda: sign_in(world, "wrong")) == [("R107", "")]
    assert codes(lambda: sign_in(world, "wrong", "nobody")) == [("R107", "")]
    assert codes(lambda: sign_in(world, "", "qi")) == [("R107", "")]


def test_guessing_is_slowed_down_and_never_locked_for_ever(world: World) -> None:
    people.set_password(world.company, "li", GOOD)
    said = [codes(lambda at=at: sign_in(world, f"guess{at}")) for at in range(7)]
    assert said[0] == [("R107", "")]
    assert said[-1] == [("R108", "")]
    assert codes(lambda: sign_in(world)) == [("R108", "")]
    world.clock.forward(minutes=16)
    assert sign_in(world)


def test_who_is_no_longer_active_or_has_lost_a_role_is_so_with_the_next_request(world: World) -> None:
    people.set_password(world.company, "li", GOOD)
    token = sign_in(world)
    person = world.li.person
    records.save_record(world.company, SYSTEM, "people.person", person, {"roles": []})
    actor = people.actor_of(world.company, token)
    assert actor is not None
    assert actor.roles == frozenset()
    records.save_record(world.company, SYSTEM, "people.person", person, {"active": False})
    assert people.actor_of(world.company, token) is None


def test_a_new_password_needs_the_old_one_must_be_strong_and_ends_other_sessions(world: World) -> None:
    people.set_password(world.company, "li", GOOD)
    here, there = sign_in(world), sign_in(world)

    def change(old: str, new: str) -> None:
        people.change_password(world.company, world.li, old, new, here)

    assert codes(lambda: change("wrong", "another-good-one")) == [("R111", "old")]
    assert codes(lambda: change(GOOD, "short")) == [("R109", "password")]
    assert codes(lambda: change(GOOD, "password123")) == [("R118", "password")]
    change(GOOD, "another-good-one")
    assert people.actor_of(world.company, here) is not None
    assert people.actor_of(world.company, there) is None


def test_an_api_token_works_until_it_is_revoked_or_over(world: World) -> None:
    secret = people.create_token(world.company, world.li, "script", days=10)
    actor = people.actor_of_token(world.company, secret)
    assert actor is not None
    assert actor.person == world.li.person
    (token,) = people.list_tokens(world.company, world.li)
    assert codes(lambda: people.revoke_token(world.company, world.qi, token.id)) == [("404", "not visible")]
    world.clock.forward(days=11)
    assert people.actor_of_token(world.company, secret) is None
    people.revoke_token(world.company, world.li, token.id)
    assert people.list_tokens(world.company, world.li) == ()


def test_signing_in_without_a_password_is_for_demo_sites_only(world: World) -> None:
    assert codes(lambda: people.sign_in_as(world.company, world.li.person, "10.0.0.1")) == [("404", "not visible")]
    assert people.people_for_demo(world.company) == ()
    world.company.demo = True
    assert people.actor_of(world.company, people.sign_in_as(world.company, world.li.person, "10.0.0.1")) is not None
    assert "li" in {each.login for each in people.people_for_demo(world.company)}


def test_the_first_account_is_made_once_with_a_link(tmp_path: Path, database_address: DatabaseAddress) -> None:
    world = build_world(tmp_path / "fresh", database_address, {"forms/crm/app.yaml": "app: crm\nlabel: CRM\n"})
    token = setup.setup_link_token(world.company)
    assert token is not None
    make = lambda: people.create_first_account(world.company, token, "ann", "Ann", GOOD)  # noqa: E731
    assert codes(lambda: people.create_first_account(world.company, "guess", "ann", "Ann", GOOD)) == [("R115", "")]
    make()
    assert people.person_actor(world.company, "ann").is_administrator
    assert codes(make) == [("R115", "")]
    assert setup.setup_link_token(world.company) is None
    world.site.close()
