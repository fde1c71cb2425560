"""Is this file fit to be parsed at all? Size, encoding and characters, before any YAML is read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from engine.problems import Location, Problem, ProblemsFound

MAX_BYTES = 256 * 1024
# Characters that reorder, hide or break lines: what an administrator sees must be what the engine reads.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]"
)
_MOST_SHOWN = 20


def check_bytes(content: bytes, name: str) -> str:
    """The text of a file; ProblemsFound when it is too large, not UTF-8 or holds unsafe characters."""
    if len(content) > MAX_BYTES:
        raise ProblemsFound([Problem("Y101", {"size": len(content) // 1024, "limit": MAX_BYTES // 1024}, _at(name))])
    if content.startswith(b"\xef\xbb\xbf"):
        raise ProblemsFound([Problem("Y103", {"character": "U+FEFF (byte order mark)"}, _at(name))])
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = len(content[: error.start].rpartition(b"\n")[2].decode("utf-8", "replace")) + 1
        raise ProblemsFound([Problem("Y102", {}, Location(name, line, column))]) from error
    problems = list(_unsafe_characters(text, name))
    if problems:
        raise ProblemsFound(problems)
    return text


def visible(line: str) -> str:
    """The line with a mark in place of every unsafe character, so that showing it is safe."""
    return _UNSAFE.sub("\ufffd", line.rstrip("\r"))


def _unsafe_characters(text: str, name: str) -> Iterator[Problem]:
    for count, match in enumerate(_UNSAFE.finditer(text)):
        if count == _MOST_SHOWN:
            return
        before = text[: match.start()]
        character = match.group()
        title = unicodedata.name(character, "control character")
        at = Location(name, before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
        yield Problem("Y103", {"character": f"U+{ord(character):04X} ({title})"}, at)


def _at(name: str) -> Location:
    return Location(name, 1, 1)
