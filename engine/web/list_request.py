"""An address's query as a request for a list: the same words in pages and API (decision 56)."""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.exceptions import BadRequest

from engine.services.views_of_records import ListRequest, Total

LARGEST_PAGE = 200


def read_list_request(query: Mapping[str, str], *, limit: int, total: Total, deleted: bool = False) -> ListRequest:
    """The list that `query` asks for; BadRequest when limit or saved view is no number in its bounds."""
    return ListRequest(
        view=query.get("view") or None,
        where=query.get("where", "").strip() or None,
        search=query.get("search", "").strip() or None,
        sort=read_sort(query.get("sort", "")),
        fields=tuple(name.strip() for name in query.get("fields", "").split(",") if name.strip()),
        limit=_number(query.get("limit"), limit, LARGEST_PAGE),
        after=query.get("after") or None,
        total=read_total(query.get("total"), total),
        deleted=deleted,
        saved_view=_number(query.get("saved"), 0, 2**63 - 1) or None,
    )


def read_sort(text: str) -> tuple[tuple[str, bool], ...]:
    """`-number,name` as (("number", True), ("name", False))."""
    names = [name.strip() for name in text.split(",") if name.strip(" -")]
    return tuple((name.lstrip("-"), name.startswith("-")) for name in names)


def write_sort(sort: tuple[tuple[str, bool], ...]) -> str:
    """The other way round."""
    return ",".join(f"-{name}" if descending else name for name, descending in sort)


def read_total(text: str | None, usual: Total) -> Total:
    """Which total is asked for: exact, cheap or none."""
    if text == "exact":
        return "exact"
    if text == "none":
        return "none"
    return "cheap" if text == "cheap" else usual


def _number(text: str | None, usual: int, largest: int) -> int:
    if not text:
        return usual
    if not (text.isascii() and text.isdecimal()) or len(text) > 19 or not 1 <= int(text) <= largest:
        raise BadRequest
    return int(text)
