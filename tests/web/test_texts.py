"""The interface speaks both languages completely, and says nothing it has no text for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from engine.web.texts import LANGUAGES, Texts, load_texts

WEB = Path(__file__).resolve().parents[2] / "engine" / "web"
USED = re.compile(r"""\b(?:t|say|note_once)\(\s*["']([a-z_]+\.[a-z_0-9]+)["']""")
IN_CODE = re.compile(r"""["']((?:admin|board|errors|form|home|list|login|record|search|shell)\.[a-z_0-9]+)["']""")


def used_ids() -> Iterator[tuple[str, str]]:
    for path in sorted([*WEB.rglob("*.html"), *WEB.rglob("*.py")]):
        pattern = USED if path.suffix == ".html" else IN_CODE
        for found in pattern.finditer(path.read_text(encoding="utf-8")):
            if not found.group(1).endswith((".html", "_")):  # the name of a template, the beginning of an id
                yield found.group(1), path.name


def test_every_text_is_there_in_every_language() -> None:
    missing = [
        f"{text_id}: {language}"
        for text_id, entry in load_texts().entries.items()
        for language in LANGUAGES
        if not str(entry.get(language) or "").strip()
    ]
    assert missing == []


def test_every_text_that_is_said_exists() -> None:
    known = load_texts().entries
    assert sorted({f"{text_id} ({name})" for text_id, name in used_ids() if text_id not in known}) == []


def test_texts_that_belong_together_have_the_same_holes() -> None:
    hole = re.compile(r"\{(\w+)\}")
    different = [
        text_id
        for text_id, entry in load_texts().entries.items()
        if set(hole.findall(str(entry["en"]))) != set(hole.findall(str(entry["zh"])))
    ]
    assert different == []


def test_one_is_said_in_the_singular() -> None:
    texts = Texts({"x.rows": {"en": "{count} rows", "en_one": "1 row", "zh": "{count} 行"}})
    assert texts.text("en", "x.rows", {"count": 1}) == "1 row"
    assert texts.text("en", "x.rows", {"count": 2}) == "2 rows"
    assert texts.text("zh", "x.rows", {"count": 1}) == "1 行"
