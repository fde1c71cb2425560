"""Ids in addresses and forms: whole numbers that a database can keep, anything else is no id."""

from __future__ import annotations

from typing import Any

from werkzeug.routing import IntegerConverter, ValidationError

LARGEST = 2**63 - 1


class IdConverter(IntegerConverter):
    """An id in an address; the address of a larger number is that of nothing."""

    def to_python(self, value: str) -> Any:
        """The id."""
        found = find_id(value)
        if found is None:
            raise ValidationError
        return found


def find_id(text: str) -> int | None:
    """The id that `text` says, None when it says none."""
    if not (text.isascii() and text.isdecimal()) or len(text) > 19:
        return None
    found = int(text)
    return found if found <= LARGEST else None
