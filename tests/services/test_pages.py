"""Around a record: options, search, timeline, comments, files, saved views."""

from __future__ import annotations

import io

from engine.services import choices, files, people, records, search, timeline, views
from engine.services.views_of_records import ListRequest
from tests.worlds import World, codes


def test_options_of_a_link_are_found_by_word_pinyin_and_initials_and_bring_their_fills(world: World) -> None:
    account = world.save(world.li, "account", name="红石科技", region="北").id
    world.save(world.qi, "account", name="红石不可见")
    for typed in ("红石", "hongshi", "hskj", ""):
        (option,) = choices.find_choices(world.company, world.li, "crm.order", "account", typed)
        assert (option.id, option.title, option.fills) == (account, "红石科技", {"region": "北"})
    assert choices.find_choices(world.company, world.li, "crm.order", "account", "xyz") == ()
    assert codes(lambda: choices.find_choices(world.company, world.li, "crm.order", "region")) == [("R101", "")]


def test_the_search_over_everything_finds_only_what_its_reader_sees(world: World) -> None:
    world.save(world.li, "account", name="Red stone")
    world.save(world.li, "note", text="stone work")
    world.save(world.qi, "account", name="Blue stone")
    found = {
        form.id: [hit.title for hit in hits]
        for form, hits in search.search_everywhere(world.company, world.li, "stone")
    }
    assert found == {"crm.account": ["Red stone"], "crm.note": ["stone work"]}


def test_the_timeline_tells_changes_comments_and_files_without_hidden_fields(world: World) -> None:
    account = world.save(world.wang, "account", name="A", rep=world.li.person, limit="50").id or 0
    world.save(world.wang, "account", account, limit="70", region="N")
    timeline.add_comment(world.company, world.li, "crm.account", account, "Call @wang and @qi")
    stored = files.store_file(world.company, world.li, "a.pdf", io.BytesIO(b"%PDF"), "application/pdf")
    timeline.add_attachment(world.company, world.li, "crm.account", account, stored.id)
    seen = timeline.fetch_timeline(world.company, world.li, "crm.account", account).entries
    assert {entry.kind for entry in seen} == {"created", "changed", "comment", "file"}
    told = {change.field for entry in seen for change in entry.changes}
    assert "region" in told
    assert "limit" not in told
    all_told = timeline.fetch_timeline(world.company, world.wang, "crm.account", account).entries
    assert "limit" in {change.field for entry in all_told for change in entry.changes}


def test_a_mention_is_told_only_to_those_who_may_see_the_record(world: World) -> None:
    account = world.save(world.li, "account", name="A").id or 0
    timeline.add_comment(world.company, world.li, "crm.account", account, "Look @wang @qi")
    (notice,) = people.list_notifications(world.company, world.wang)
    assert (notice.kind, notice.title, notice.by, notice.read) == ("mention", "A", "Li", False)
    assert people.unread_count(world.company, world.qi) == 0
    people.mark_read(world.company, world.wang, notice.id)
    assert people.unread_count(world.company, world.wang) == 0


def test_timeline_pages_fit_together_even_within_one_second(world: World) -> None:
    account = world.save(world.li, "account", name="A").id or 0
    for at in range(5):
        timeline.add_comment(world.company, world.li, "crm.account", account, f"c{at}")
    seen, before = [], None
    while True:
        page = timeline.fetch_timeline(world.company, world.li, "crm.account", account, before=before, limit=2)
        seen += [entry.id for entry in page.entries]
        before = page.before
        if before is None:
            break
    assert len(seen) == len(set(seen)) == 6


def test_a_file_is_read_under_the_rule_of_its_record(world: World) -> None:
    account = world.save(world.li, "account", name="A").id or 0
    stored = files.store_file(world.company, world.li, "../x/evil\u202egpj.exe", io.BytesIO(b"12"), "text/html; x")
    assert stored.name == "evil_gpj.exe"
    assert codes(lambda: files.open_file(world.company, world.wang, stored.id)) == [("404", "not visible")]
    timeline.add_attachment(world.company, world.li, "crm.account", account, stored.id)
    assert files.open_file(world.company, world.wang, stored.id).path.read_bytes() == b"12"
    assert codes(lambda: files.open_file(world.company, world.qi, stored.id)) == [("404", "not visible")]
    assert codes(lambda: timeline.add_attachment(world.company, world.wang, "crm.account", account, stored.id)) == [
        ("V132", "")
    ]


def test_a_related_list_follows_the_other_forms_rule(world: World) -> None:
    account = world.save(world.wang, "account", name="A", rep=world.li.person).id or 0
    world.save(world.wang, "order", account=account)
    world.save(world.wang, "order", account=account, rep=world.li.person)
    assert timeline.count_related(world.company, world.wang, "crm.account", account)["orders"] == (2, True)
    assert timeline.count_related(world.company, world.li, "crm.account", account)["orders"] == (1, True)
    page = timeline.fetch_related(world.company, world.li, "crm.account", account, "orders")
    assert len(page.rows) == 1
    assert "account" not in page.columns


def test_a_saved_view_is_ones_own_until_it_is_shared(world: World) -> None:
    world.save(world.li, "account", name="A", region="N")
    world.save(world.li, "account", name="B", region="S")
    saved = views.save_view(world.company, world.li, "crm.account", "North", where="region = 'N'", columns=("name",))
    page = records.list_records(world.company, world.li, "crm.account", ListRequest(saved_view=saved.id))
    assert ([row.title for row in page.rows], page.columns) == (["A"], ("name",))
    assert views.list_saved_views(world.company, world.wang, "crm.account") == ()
    views.save_view(
        world.company, world.li, "crm.account", "North", where="region = 'N'", shared=True, view_id=saved.id
    )
    assert [each.mine for each in views.list_saved_views(world.company, world.wang, "crm.account")] == [False]
    assert codes(lambda: views.save_view(world.company, world.li, "crm.account", "X", columns=("limit",))) == [
        ("R101", "")
    ]
    views.delete_view(world.company, world.li, saved.id)
    assert views.list_saved_views(world.company, world.li, "crm.account") == ()
