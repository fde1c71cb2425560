"""Moments as a reader says them, in the company's time zone: "10:42", "yesterday 10:42", "3 Nov"."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from engine.web.answers import language, say
from engine.web.visit import visit

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def company_zone() -> ZoneInfo:
    """The time zone of the visited company."""
    return ZoneInfo(visit().company.catalog.company.time_zone)


def when(at: datetime | str | None) -> str:
    """`at` (UTC, or its ISO text) as short as it is clear; "" for None."""
    moment = _moment(at)
    if moment is None:
        return ""
    zone = company_zone()
    then, now = moment.astimezone(zone), visit().company.clock().astimezone(zone)
    clock = f"{then:%H:%M}"
    days = (now.date() - then.date()).days
    if days <= 0:
        minutes = int((now - then).total_seconds()) // 60
        if 0 <= minutes < 60:
            return say("record.minutes_ago", count=minutes) if minutes else say("record.just_now")
        return say("home.today_at", time=clock)
    if days == 1:
        return say("record.yesterday", time=clock)
    day = f"{then.month}月{then.day}日" if language() == "zh" else f"{then.day} {_MONTHS[then.month - 1]}"
    return day if then.year == now.year else (f"{then.year}年{day}" if language() == "zh" else f"{day} {then.year}")


def exact(at: datetime | str | None) -> str:
    """`at` to the minute: 2026-11-23 09:12; "" for None."""
    moment = _moment(at)
    return f"{moment.astimezone(company_zone()):%Y-%m-%d %H:%M}" if moment is not None else ""


def _moment(at: datetime | str | None) -> datetime | None:
    if isinstance(at, str):
        return datetime.fromisoformat(at) if at else None
    return at
