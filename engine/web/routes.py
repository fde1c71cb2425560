"""Routes as data: every page module has a table of them, the application adds them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask.typing import ResponseReturnValue


@dataclass(frozen=True, slots=True)
class Route:
    """One address of the application and what answers it.

    signed_in  False: open to visitors who have not signed in; `visit()` has no actor there.
    """

    rule: str
    endpoint: str
    view: Callable[..., ResponseReturnValue]
    methods: tuple[str, ...] = ("GET",)
    signed_in: bool = True
