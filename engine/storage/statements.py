"""Remembers built statements by their shape, so that a request only binds values."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any

MOST = 1000


class Statements:
    """A bounded memory: what is asked for again is not built again; the eldest half goes when it is full."""

    def __init__(self) -> None:
        self._built: dict[Hashable, Any] = {}
        self._lock = Lock()

    def knows(self, shape: Hashable) -> bool:
        """Whether something has been built for this shape."""
        return shape in self._built

    def __len__(self) -> int:
        """How many statements are remembered."""
        return len(self._built)

    def get(self, shape: Hashable, build: Callable[[], Any]) -> Any:
        """What `build` made for this shape, now or earlier."""
        found = self._built.get(shape)
        if found is not None:
            return found
        made = build()
        with self._lock:
            if len(self._built) >= MOST:
                for old in list(self._built)[: MOST // 2]:
                    del self._built[old]
            self._built[shape] = made
        return made
