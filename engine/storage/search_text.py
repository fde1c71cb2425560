"""What a record is found by: its words, its Chinese characters one by one, their pinyin and initials.

The search text holds only lower-case words and single characters, so that the full-text indexes of both databases
take it apart the same way. A word is found by its beginning; Chinese by any characters that follow each other, by
pinyin or by initials.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from engine.storage.pinyin import spell

MOST_CHARACTERS = 20_000
MOST_SPELLED = 200
SYLLABLES, INITIALS = 6, 8
_PARTS = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+|[^\W_\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]+")


def build_search_text(texts: Iterable[str | None]) -> str | None:
    """The search text of a record with these texts (title, number, chosen fields); None when there is nothing."""
    joined = "\n".join(text for text in texts if text)[:MOST_CHARACTERS]
    words: list[str] = []
    spelled = 0
    for part in _parts(joined):
        if not _is_chinese(part):
            words.append(part)
            continue
        words.append(" ".join(part))
        words.extend(_spellings(part[: max(0, MOST_SPELLED - spelled)]))
        spelled += len(part)
    return " ".join(words) or None


def search_query(text: str, dialect: str) -> str | None:
    """The full-text query for what a person typed; None when it holds no word."""
    parts = list(dict.fromkeys(_parts(text)))[:12]
    if not parts:
        return None
    return " AND ".join(map(_sqlite_term, parts)) if dialect == "sqlite" else " & ".join(map(_postgresql_term, parts))


def _sqlite_term(part: str) -> str:
    return f'"{" ".join(part)}"' if _is_chinese(part) else f'"{part}"*'


def _postgresql_term(part: str) -> str:
    return "(" + " <-> ".join(f"'{char}'" for char in part) + ")" if _is_chinese(part) else f"'{part}':*"


def _parts(text: str) -> Iterator[str]:
    """Runs of Chinese characters and lower-case words, full-width letters made narrow."""
    return (match.group() for match in _PARTS.finditer(unicodedata.normalize("NFKC", text).lower()))


def _is_chinese(part: str) -> bool:
    return "\u3400" <= part[0] <= "\u9fff" or "\uf900" <= part[0] <= "\ufaff"


def _spellings(run: str) -> Iterator[str]:
    """From every character on: the next syllables in one word, and the next initials in one word."""
    syllables = [spell(char) for char in run]
    initials = "".join(syllable[:1] for syllable in syllables)
    for start in range(len(run)):
        yield "".join(syllables[start : start + SYLLABLES])
        if len(run) - start > 1:
            yield initials[start : start + INITIALS]
