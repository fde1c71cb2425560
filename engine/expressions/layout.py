"""The canonical form of an expression that keeps how it was laid out: line breaks, literals, the kind of quotes."""

from __future__ import annotations

from engine.expressions.format import format_text
from engine.expressions.lexer import BLANKS, TWINS, Token, split_tokens
from engine.expressions.parser import parse
from engine.expressions.syntax import Refused, Syntax


def format_layout(text: str, quote: str = "") -> str:
    """`text` with canonical signs, names of functions and spaces, on the lines on which it was written.

    quote   the sign that texts should stand in where that needs no escape; "" keeps the written ones.
    What does not parse, and what could come out with another meaning, comes back as it is.
    """
    try:
        canonical = format_text(text)
        pieces = _pieces(text, canonical, quote)
        formatted = text if pieces is None else "".join(pieces)
        return formatted if _shape(parse(formatted)) == _shape(parse(canonical)) else text
    except Refused:
        return text


def _pieces(text: str, canonical: str, quote: str) -> list[str] | None:
    """Alternately what stands between tokens and the tokens; None when the two texts do not run in parallel."""
    before, after = split_tokens(text), split_tokens(canonical)
    pieces: list[str] = []
    at = 0
    written_end = canonical_end = 0
    for token in after:
        broken = ""
        while not _same(before[at], token):
            if not _bracket(before[at]) or before[at].kind == "end":
                return None
            broken = broken or _break(text[written_end : before[at].start])
            written_end = before[at].end
            at += 1
        gap = _edge(text, before[at], token) if token.kind == "end" or not pieces else None
        broken = broken or _break(text[written_end : before[at].start])
        pieces.append(gap if gap is not None else broken or canonical[canonical_end : token.start])
        pieces.append(_token(text, before[at], canonical, token, quote))
        written_end, canonical_end = before[at].end, token.end
        at += 1
    return pieces


def _same(written: Token, canonical: Token) -> bool:
    if written.kind == "text" and written.value is None:
        return canonical.kind == "word" and canonical.value == "null"
    if written.kind in ("name", "quoted") and canonical.kind in ("name", "quoted"):
        return True
    if written.kind == "sign" and canonical.kind == "sign":
        return {"==": "=", "!=": "<>"}.get(str(written.value), written.value) == canonical.value
    return (written.kind, written.value) == (canonical.kind, canonical.value)


def _bracket(token: Token) -> bool:
    return token.kind == "sign" and token.value in ("(", ")")


def _edge(text: str, written: Token, canonical: Token) -> str:
    """Blanks before the first token are kept as they are, and line breaks at the end."""
    if canonical.kind != "end":
        return text[: len(text) - len(text.lstrip(BLANKS))]
    blanks = text[len(text.rstrip(BLANKS)) :]
    return blanks if "\n" in blanks else ""


def _break(blanks: str) -> str:
    """The line breaks of what stands between two tokens with the indent of the next line; "" when there are none."""
    if "\n" not in blanks:
        return ""
    lines = blanks.split("\n")
    return "\n" * (len(lines) - 1) + lines[-1]


def _token(text: str, written: Token, canonical_text: str, canonical: Token, quote: str) -> str:
    raw = text[written.start : written.end]
    if canonical.kind == "number":
        return "".join(TWINS.get(char, char) for char in raw)
    if canonical.kind != "text" and written.kind != "text":
        return canonical_text[canonical.start : canonical.end]
    wanted = quote or (raw[0] if raw[0] in "\"'" else '"')
    value = str(written.value or "")
    if wanted in value:
        wanted = "'" if wanted == '"' else '"'
    if wanted in value or "\\" in value or "\n" in value or "\t" in value:
        return canonical_text[canonical.start : canonical.end]
    return f"{wanted}{value}{wanted}"


def _shape(syntax: Syntax) -> tuple[object, ...]:
    """The construct without its places."""
    return (syntax.kind, syntax.value, *(_shape(part) for part in syntax.parts))
