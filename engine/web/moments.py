"""Moments as a reader says them, in the company's time zone: "10:42", "yesterday", "3 Nov"."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from engine.web.answers import language, say
from engine.web.visit import visit

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def say_moment(at: datetime | None) -> str:
    """`at` (UTC) for the reader, as short as it is clear; "" for None."""
    if at is None:
        return ""
    company = visit().company
    zone = ZoneInfo(company.catalog.company.time_zone)
    then, now = at.astimezone(zone), company.clock().astimezone(zone)
    clock = f"{then:%H:%M}"
    days = (now.date() - then.date()).days
    if days == 0:
        return say("home.today_at", time=clock)
    if days == 1:
        return say("home.yesterday_at", time=clock)
    day = f"{then.month}月{then.day}日" if language() == "zh" else f"{then.day} {_MONTHS[then.month - 1]}"
    return day if then.year == now.year else (f"{then.year}年{day}" if language() == "zh" else f"{day} {then.year}")
