"""Formatted text: HTML of a few harmless tags, cleaned whenever it is written; people read it without the tags."""

from __future__ import annotations

import html
import re

import nh3

from engine.catalog.field_types.texts import TextType
from engine.catalog.forms import Field

TAGS = frozenset(
    {
        "p",
        "br",
        "strong",
        "b",
        "em",
        "i",
        "u",
        "s",
        "h2",
        "h3",
        "h4",
        "ul",
        "ol",
        "li",
        "a",
        "blockquote",
        "code",
        "pre",
    }
)
SCHEMES = frozenset({"http", "https", "mailto", "tel"})
_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_BREAK = re.compile(r"<br\s*/?>|</(?:p|h[2-4]|li|blockquote|pre)>", re.IGNORECASE)


def clean_rich_text(text: str) -> str:
    """The HTML without anything that is not in the list of tags: scripts, styles, handlers, strange addresses."""
    return nh3.clean(text, tags=set(TAGS), attributes={"a": {"href"}}, url_schemes=set(SCHEMES))


def without_tags(text: str) -> str:
    """The words alone, one line for each paragraph."""
    bare = nh3.clean(_BREAK.sub("\n", text), tags=set())
    return "\n".join(line for line in (part.strip() for part in html.unescape(bare).split("\n")) if line)


class RichTextType(TextType):
    """Formatted text; a text without tags is taken as it was typed."""

    def checked(self, field: Field, text: str) -> str:
        """The cleaned HTML."""
        if not _TAG.search(text):
            paragraphs = html.escape(text, quote=False).split("\n\n")
            return "".join(f"<p>{each.replace(chr(10), '<br>')}</p>" for each in paragraphs)
        return clean_rich_text(text)

    def parse(self, field: Field, raw: object) -> object:
        """The cleaned HTML; None when no words are left in it."""
        text = super().parse(field, raw)
        return text if isinstance(text, str) and without_tags(text) else None

    def to_text(self, field: Field, value: object, language: str) -> str:
        """The words without their tags."""
        return without_tags(str(value)) if value else ""


TYPES = (
    RichTextType("rich_text", "text", "text", "rich_text", frozenset({"max_length"}), one_line=False, longest=50_000),
)
