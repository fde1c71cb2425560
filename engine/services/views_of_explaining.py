"""What an explanation of a computed value answers: the words, the parts with their values, the records behind them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from engine.problems import Location


@dataclass(frozen=True, slots=True)
class SourceView:
    """A record (or the row of lines at `position` of it) that contributes; `text` is what it gives, "" for counts.

    available  False: what it gives is not for this reader
    """

    form_id: str
    record_id: int
    position: int | None
    title: str
    value: object
    text: str
    available: bool


@dataclass(frozen=True, slots=True)
class SourceList:
    """The records behind the aggregate number `index`, a page of them.

    hidden  how many more there are that the reader does not see; None: not even that is told
    next    how many rows to pass over for the next page, None at the end
    """

    index: int
    form_id: str
    rows: tuple[SourceView, ...]
    seen: int
    hidden: int | None
    next: int | None
    counts: bool = False


@dataclass(frozen=True, slots=True)
class PartView:
    """A part of the expression. kind: value | test (a condition) | rows (an aggregate).

    value, text  absent (None, "") where `available` is False; `empty` tells that there is no value
    taken        of branches: whether this one was taken; None: not a branch
    record       the record of the field, when it is another one: (form, id)
    opens        the computed field that it is: (form, record, field), to be explained in turn
    """

    words: str
    kind: str
    value: object
    text: str
    available: bool
    empty: bool = False
    taken: bool | None = None
    parts: tuple[PartView, ...] = ()
    record: tuple[str, int] | None = None
    opens: tuple[str, int, str] | None = None
    sources: SourceList | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a computed value came about.

    text       the value shown; `result_text` what the expression gives now
    agrees     whether they are the same; a frozen or once computed value need not
    compute    stored | read | daily | once
    as_of      the day a daily value was computed for; the moment a value computed once was
    stale      True while the value waits to be computed again
    frozen     the condition in words that keeps the value as it is, None when it is not frozen
    at         where it is defined, and `written` what stands there: for administrators only
    """

    form_id: str
    record_id: int
    key: str
    label: str
    title: str
    value: object
    text: str
    result: object
    result_text: str
    agrees: bool
    compute: str
    as_of: date | datetime | None
    stale: bool
    frozen: str | None
    part: PartView
    at: Location | None = None
    written: str | None = None
