"""Answers a request that is sent again with the same key without doing it again (kept 7 days)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from engine.problems import Problem, ProblemsFound
from engine.runtime.work import Work
from engine.storage.commands import claim_command, fetch_command, keep_answer

LONGEST_KEY = 255


@dataclass
class Once:
    """`answer` is the id of the record that the request made or changed, known at the start or set by it."""

    answer: int | None = None


@contextmanager
def answer_once(work: Work, key: str | None, request: Mapping[str, object]) -> Iterator[Once]:
    """The answer of an earlier request with this key, or a place for this one's; R103 when the requests differ."""
    if not key:
        yield Once()
        return
    if len(key) > LONGEST_KEY:
        raise ProblemsFound([Problem("R103")])
    digest = hashlib.sha256(json.dumps(request, sort_keys=True, default=str).encode()).hexdigest()
    if not claim_command(work.uow, work.actor.person, key, digest):
        earlier = fetch_command(work.uow, work.actor.person, key)
        if earlier is None or earlier.request != digest:
            raise ProblemsFound([Problem("R103")])
        yield Once(int(earlier.answer))
        return
    once = Once()
    yield once
    keep_answer(work.uow, work.actor.person, key, str(once.answer))
