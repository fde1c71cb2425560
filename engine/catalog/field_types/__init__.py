"""All field types by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from engine.catalog.field_types import dates, links, numbers, options, rich_text, texts
from engine.catalog.field_types.base import FieldType

FIELD_TYPES: Mapping[str, FieldType] = MappingProxyType(
    {
        each.name: each
        for each in (*texts.TYPES, *rich_text.TYPES, *numbers.TYPES, *dates.TYPES, *options.TYPES, *links.TYPES)
    }
)

__all__ = ["FIELD_TYPES", "FieldType"]
