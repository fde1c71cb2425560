"""Answers that are kept until the data they were read from changes, and turns for making new ones."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock, Semaphore

MOST = 1_000
HEAVIEST = 200_000
# Heavy questions of one company at a time: two at most, and one core is left to those who save meanwhile.
AT_ONCE = max(1, min(2, (os.cpu_count() or 1) - 1))


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer.

    versions   of the tables it was read from
    now        the instant it is of, None when that is no matter
    weight     how many rows and groups it holds
    """

    value: object
    versions: Mapping[str, int]
    now: datetime | None = None
    weight: int = 1


@dataclass
class Answers:
    """A bounded memory of one state of the definitions; what was asked for longest ago goes first."""

    _kept: OrderedDict[Hashable, Kept] = field(default_factory=OrderedDict)
    _weight: int = 0
    _lock: Lock = field(default_factory=Lock)
    turns: Semaphore = field(default_factory=lambda: Semaphore(AT_ONCE))

    def find(self, key: Hashable, versions: Mapping[str, int], now: datetime) -> object | None:
        """The answer to `key`, if nothing it was read from has changed since."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is None:
                return None
            self._kept.move_to_end(key)
        if kept.now not in (None, now):
            return None
        return kept.value if all(versions.get(name, 0) == at for name, at in kept.versions.items()) else None

    def keep(self, key: Hashable, answer: Kept) -> None:
        """Keep an answer from now on."""
        with self._lock:
            before = self._kept.pop(key, None)
            self._kept[key] = answer
            self._weight += answer.weight - (before.weight if before is not None else 0)
            while len(self._kept) > MOST or self._weight > HEAVIEST:
                _, gone = self._kept.popitem(last=False)
                self._weight -= gone.weight
