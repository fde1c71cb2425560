"""What SQLite cannot answer by itself and is registered on each connection: dates in the company's time zone."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from zoneinfo import ZoneInfo


def register_functions(connection: sqlite3.Connection) -> None:
    """Make the functions that `to_sql` writes known to `connection`."""
    connection.create_function("weft_local_date", 2, local_date, deterministic=True)


def local_date(instant: str | None, zone: str) -> str | None:
    """The date (ISO) that an instant (ISO, …Z) has in `zone`."""
    if instant is None:
        return None
    return datetime.fromisoformat(instant).astimezone(ZoneInfo(zone)).date().isoformat()
