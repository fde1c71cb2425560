"""Slows down guessing: counted in the database, per login and per address, never a permanent lock."""

from __future__ import annotations

from datetime import datetime, timedelta

from engine.problems import Problem, ProblemsFound
from engine.runtime.work import Work
from engine.storage.sessions import fetch_failures

WINDOW = timedelta(minutes=15)
HOUR = timedelta(hours=1)
FREE_TRIES, MOST_PER_LOGIN, MOST_PER_ADDRESS, MOST_PER_HOUR = 4, 10, 50, 100


def require_patience(work: Work, login: str, address: str) -> None:
    """R108 when a login or an address has failed too often lately; each failure makes the next wait longer."""
    now = work.uow.now
    by_login = fetch_failures(work.uow, now - HOUR, login=login)
    recent = [at for at in by_login if at > now - WINDOW]
    until = max(
        _until(recent, MOST_PER_LOGIN, WINDOW),
        _until(by_login, MOST_PER_HOUR, HOUR),
        _until(fetch_failures(work.uow, now - WINDOW, address=address), MOST_PER_ADDRESS, WINDOW),
        _growing(recent),
        key=lambda at: at.timestamp() if at else 0,
    )
    if until is not None and until > now:
        raise ProblemsFound([Problem("R108", {"minutes": max(1, round((until - now).total_seconds() / 60))})])


def _until(failures: list[datetime], most: int, window: timedelta) -> datetime | None:
    """When the eldest of the last `most` failures leaves the window."""
    return failures[most - 1] + window if len(failures) >= most else None


def _growing(failures: list[datetime]) -> datetime | None:
    beyond = len(failures) - FREE_TRIES
    return failures[0] + timedelta(seconds=2**beyond) if beyond > 0 else None
