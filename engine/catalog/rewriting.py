"""A definition file with its expressions in canonical form; every other character stays where it is."""

from __future__ import annotations

from collections.abc import Iterable

from engine.catalog.expression_places import Written, find_expressions
from engine.expressions.layout import format_layout
from engine.problems import Location, ProblemsFound
from engine.source.reader import read_text

_UNSAFE_STARTS = "!&*-?|>@`%,[]{}#:'\"="
_FLOW_SIGNS = ",[]{}"
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t"}


def rewrite_expressions(content: bytes, name: str) -> bytes:
    """The file with formatted expressions. Raises ProblemsFound when it is no definition file that can be read."""
    document = read_text(content, name)
    changed = _rewritten(content.decode("utf-8"), find_expressions(document))
    if changed is None:
        return content
    try:
        again = read_text(changed.encode("utf-8"), name)
    except ProblemsFound:
        return content
    before, after = (tuple(find_expressions(each)) for each in (document, again))
    same = len(before) == len(after) and all(map(_means_the_same, before, after))
    return changed.encode("utf-8") if same else content


def _means_the_same(before: Written, after: Written) -> bool:
    """Written differently, the formatter says the same of both."""
    return _formatted(before.text, "'") == _formatted(after.text, "'")


def _formatted(text: str, quote: str = "") -> str:
    return f"={format_layout(text[1:], quote)}" if text.startswith("=") else format_layout(text, quote)


def _rewritten(text: str, expressions: Iterable[Written]) -> str | None:
    """`text` with each expression replaced, last one first; None when nothing changes."""
    starts = _line_starts(text)
    found = text
    for written in sorted(expressions, key=lambda each: (each.at.line, each.at.column), reverse=True):
        start = starts[written.at.line - 1] + written.at.column - 1
        span = _span(text, start, written)
        if span is None:
            continue
        old = text[span[0] : span[1]]
        new = _in_style(text, span, written)
        if new is not None and new != old:
            found = found[: span[0]] + new + found[span[1] :]
    return found if found != text else None


def _line_starts(text: str) -> list[int]:
    starts = [0]
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts


def _span(text: str, start: int, written: Written) -> tuple[int, int] | None:
    """Where the scalar begins and ends, quotes included; None when it is not one that can be replaced in place."""
    quote = text[start - 1] if start else ""
    if written.style == "block":
        return _block_span(text, start, written)
    if written.style in ("folded", "commented"):
        return None
    if written.style == "quoted" or (written.key and quote in ("'", '"')):
        end = _closing(text, start, quote)
        return (start - 1, end) if end else None
    end = start + len(written.text)
    return (start, end) if text[start:end] == written.text else None


def _closing(text: str, at: int, quote: str) -> int:
    """The position behind the closing quote, 0 when the text does not end on its line."""
    while at < len(text) and text[at] != "\n":
        if text[at] == "\\" and quote == '"':
            at += 2
            continue
        if text[at] == quote:
            if quote == "'" and text[at + 1 : at + 2] == "'":
                at += 2
                continue
            return at + 1
        at += 1
    return 0


def _block_span(text: str, start: int, written: Written) -> tuple[int, int] | None:
    """From the first character of a block to its last one that is no blank; the lines between keep their indent."""
    column = written.at.column - 1
    wanted = written.text.rstrip().split("\n")
    lines = text[start - column :].split("\n")[: len(wanted)]
    if [line[column:].rstrip("\r") for line in lines] != [*wanted[:-1], lines[-1][column:].rstrip("\r")]:
        return None
    return start, start - column + len("\n".join(lines).rstrip())


def _in_style(text: str, span: tuple[int, int], written: Written) -> str | None:
    """The formatted expression as it stands in the file."""
    raw = text[span[0] : span[1]]
    if written.style == "block":
        return _formatted(raw)
    quote = raw[0] if span[0] == _start(text, written.at) - 1 else ""
    new = _formatted(written.text, {'"': "'", "'": '"'}.get(quote, ""))
    if new == written.text or "\n" in new:
        return None
    if quote == "'":
        return "'" + new.replace("'", "''") + "'"
    if quote == '"' or not _plain(new):
        return '"' + "".join(_ESCAPES.get(char, char) for char in new) + '"'
    return new


def _start(text: str, at: Location) -> int:
    return _line_starts(text)[at.line - 1] + at.column - 1


def _plain(new: str) -> bool:
    """Whether the text needs no quotes anywhere in YAML."""
    risky = any(sign in new for sign in _FLOW_SIGNS) or ": " in new or " #" in new
    return bool(new) and new[0] not in _UNSAFE_STARTS and not risky and new == new.strip()
