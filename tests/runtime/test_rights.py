"""The rights of a set of roles, joined from the definitions alone."""

from __future__ import annotations

from engine.runtime.access import AccessBook, may_differ
from engine.runtime.actors import SYSTEM, Actor
from tests.sites import build_test_catalog
from tests.worlds import FORMS


def actor(*roles: str) -> Actor:
    return Actor(1, "Li", "li", frozenset(roles), "en")


def test_several_roles_join_and_no_rule_means_no() -> None:
    book = AccessBook(build_test_catalog(FORMS))
    both = book.rights(actor("sales", "office")).of("crm.account")
    assert both.verbs["see"].text == "(same_department) or (own)"
    assert set(book.rights(actor("office")).of("crm.account").verbs) == {"see", "export"}
    assert book.rights(actor("office")).see("crm.order") is None
    assert book.rights(actor()).see("crm.account") is None


def test_a_computed_field_is_as_secret_as_what_it_reads() -> None:
    book = AccessBook(build_test_catalog(FORMS))
    assert {"limit", "room"}.isdisjoint(book.rights(actor("sales")).of("crm.account").see)
    assert {"limit", "room"} <= book.rights(actor("manager")).of("crm.account").see
    assert "ordered" in book.rights(actor("office")).of("crm.account").see


def test_colleagues_are_named_to_everybody_and_the_system_may_everything() -> None:
    book = AccessBook(build_test_catalog(FORMS))
    assert "name" in book.rights(actor("sales")).of("people.person").see
    assert "login" not in book.rights(actor("sales")).of("people.person").see
    assert book.rights(SYSTEM).of("people.person").always("delete")


def test_the_same_roles_share_their_rights() -> None:
    book = AccessBook(build_test_catalog(FORMS))
    assert book.rights(actor("sales")).roles is book.rights(actor("sales")).roles
    assert book.rights(actor("sales")).key != book.rights(actor("lead")).key


def test_a_rule_is_asked_again_only_when_it_may_answer_differently() -> None:
    book = AccessBook(build_test_catalog(FORMS))
    order = book.rights(actor("sales")).of("crm.order")
    assert may_differ(order.form, order.verbs["change"], frozenset({"locked"}))
    assert may_differ(order.form, order.verbs["change"], frozenset({"rep"}))
    assert not may_differ(order.form, order.verbs["change"], frozenset({"remark"}))


def test_forms_that_are_computed_from_each_other_have_rights() -> None:
    catalog = build_test_catalog(
        {
            "forms/crm/deal.yaml": """
                form: crm.deal
                label: Deal
                title: "{name}"
                fields:
                  name: text
                  secret: {type: money, access: {see: [manager]}}
                  best: {type: money, formula: MAX(quotes.total)}
                access: {sales: {see: always}, manager: {see: always}}
            """,
            "forms/crm/quote.yaml": """
                form: crm.quote
                label: Quote
                title: "{name}"
                fields:
                  name: text
                  total: money
                  deal: {type: link, to: crm.deal, inverse: quotes}
                  gap: {type: money, formula: total - deal.secret}
                access: {sales: {see: always}, manager: {see: always}}
            """,
        }
    )
    book = AccessBook(catalog)
    for role, seen in (("sales", False), ("manager", True)):
        rights = book.rights(actor(role))
        assert ("gap" in rights.of("crm.quote").see, "best" in rights.of("crm.deal").see) == (seen, True)
