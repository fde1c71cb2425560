"""Starts one of the two applications under the same server settings: python -m bench.serve ours|theirs FOLDER PORT."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

import sqlalchemy as sa
import waitress
from flask import Flask

from bench.baseline import create_baseline
from engine.services.site import open_site
from engine.web.app import create_app

THREADS = 8


def ours(folder: Path, url: str | None) -> Flask:
    """The product, serving the bench company."""
    return create_app(open_site(folder, database_url=url))


def theirs(folder: Path, url: str | None) -> Flask:
    """The yardstick, on the same tables with the same settings of the database."""
    if url is None:
        engine = sa.create_engine(f"sqlite:///{folder / 'var' / 'bench' / 'data.db'}", pool_size=THREADS)
        sa.event.listen(engine, "connect", _prepare)
    else:
        address = sa.make_url(url).set(drivername="postgresql+psycopg")
        options = {"options": "-c search_path=bench -c timezone=UTC", "prepare_threshold": 3}
        engine = sa.create_engine(address, pool_size=THREADS, connect_args=options)
    return create_baseline(engine)


def _prepare(connection: sa.engine.interfaces.DBAPIConnection, _: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=5000", "cache_size=-32000"):
        connection.execute(f"PRAGMA {pragma}")


def main() -> None:
    """Serve until the process is ended."""
    side, folder, port, *url = sys.argv[1:]
    make = {"ours": ours, "theirs": theirs}[side]
    app = make(Path(folder), url[0] if url else None)
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    waitress.serve(app, host="127.0.0.1", port=int(port), threads=THREADS, ident="", _quiet=True)


if __name__ == "__main__":
    main()
