"""Formatted text as part of a page: the only place where what people wrote is not escaped."""

from __future__ import annotations

from markupsafe import Markup

from engine.catalog.field_types.rich_text import clean_rich_text


def formatted(text: str) -> Markup:
    """`text` with the tags that formatted texts may have. It was cleaned when it was saved; here it is again, because
    rows can come from elsewhere (a restored copy, another version) and this is the last gate.
    """
    return Markup(clean_rich_text(text))  # noqa: S704
