"""The strict reader: what comes out, and where; what never gets as far as being built."""

from __future__ import annotations

import pytest

from engine.problems import Location, ProblemsFound
from engine.source.reader import read_item, read_text
from engine.source.tree import plain


def codes(text: str | bytes) -> list[str]:
    with pytest.raises(ProblemsFound) as found:
        read_item(text if isinstance(text, bytes) else text.encode(), "a.yaml")
    return [problem.code for problem in found.value.problems]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("true", True), ("false", False), ("True", "True"), ("yes", "yes"), ("NO", "NO"), ("on", "on"), ("7", 7),
        ("-7", -7), ("010", "010"), ("1.10", "1.10"), ("12:30", "12:30"), ("2026-02-14", "2026-02-14"),
        ("2024-13-45", "2024-13-45"), ("1e5", "1e5"), ("0x1F", "0x1F"), ("1_000", "1_000"), ("20%", "20%"),
        ('"7"', "7"), ("'true'", "true"), ("=", "="), (".inf", ".inf"),
    ],
)  # fmt: skip
def test_only_true_false_and_plain_integers_are_no_texts(written: str, read: object) -> None:
    assert plain(read_item(f"key: {written}\n".encode(), "a.yaml")) == {"key": read}


def test_every_key_and_value_knows_its_place() -> None:
    document = read_text(b'form: desk.task\nfields:\n  name: {type: "text"}\n  steps: [one, two]\n', "a.yaml")
    assert (document.kind, document.id) == ("form", "desk.task")
    assert document.places["fields", "name", "type"] == Location("a.yaml", 3, 17, 4)  # inside the quotes
    assert document.key_places["fields", "name"] == Location("a.yaml", 3, 3, 4)
    assert document.places["fields", "steps", 1] == Location("a.yaml", 4, 16, 3)


def test_a_block_begins_at_its_first_line() -> None:
    item = read_item(b"form: desk.task\nformula: |\n  amount\n  + 1\n", "a.yaml")
    assert item.map["formula"].at == Location("a.yaml", 3, 3, 6)
    assert item.map["formula"].style == "block"


def test_an_alias_bomb_is_refused_at_its_first_anchor() -> None:
    bomb = "a: &a [x, x]\n" + "".join(
        f"{name}: &{name} [*{before}, *{before}]\n" for before, name in zip("abcdefghi", "bcdefghij", strict=True)
    )
    assert set(codes(bomb)) == {"Y108"}


def test_recursive_aliases_and_merge_keys_are_refused() -> None:
    assert set(codes("a: &a [*a]\n")) == {"Y108"}
    assert set(codes("a: {<<: {b: c}}\n")) == {"Y108"}


def test_tags_never_build_anything() -> None:
    assert codes("a: !!python/object/apply:os.system [echo]\n") == ["Y109"]
    assert codes("%TAG ! tag:evil,2026:\n---\na: b\n") == ["Y109"]


def test_depth_nodes_and_size_have_limits() -> None:
    assert "Y106" in codes("[" * 5000 + "]" * 5000)
    assert "Y107" in codes("a: [" + "1," * 60_000 + "1]")
    assert codes("a: " + "x" * 300_000) == ["Y101"]


@pytest.mark.parametrize("character", ["\u202e", "\u2066", "\u200b", "\x00", "\x07", "\u2028", "\x85", "\ufeff"])
def test_characters_that_cannot_be_seen_are_refused(character: str) -> None:
    assert codes(f"a: b{character}c\n") == ["Y103"]


def test_wrong_encodings_are_refused_with_their_line() -> None:
    with pytest.raises(ProblemsFound) as found:
        read_item("a: b\nc: 名称\n".encode("gb18030"), "a.yaml")
    assert [(problem.code, problem.at) for problem in found.value.problems] == [("Y102", Location("a.yaml", 2, 4))]
    assert codes(b"\xef\xbb\xbfa: b\n") == ["Y103"]


def test_duplicate_keys_name_both_lines() -> None:
    with pytest.raises(ProblemsFound) as found:
        read_item(b"permission: all\nother: 1\npermission: none\n", "a.yaml")
    problem = found.value.problems[0]
    assert (problem.code, problem.values["line"], problem.at) == ("Y111", 1, Location("a.yaml", 3, 1, 10))


def test_all_problems_of_a_file_come_at_once() -> None:
    assert codes("a: &x 1\nb:\nc: !t 2\na: 3\n") == ["Y108", "Y114", "Y109", "Y111"]


@pytest.mark.parametrize("text", ["a: b: c\n", "a: [b\n", "\ta: b\n", "a: @b\n", "'a: b\n", "a: >-\n b\n- c\n"])
def test_broken_yaml_is_a_problem_and_never_an_exception(text: str) -> None:
    assert "Y104" in codes(text)
