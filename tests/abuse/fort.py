"""The application under attack, its people, and a hash of all that its database holds."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from engine.runtime.actors import SYSTEM, Actor
from engine.services import files, people, records, setup, timeline
from engine.services.site import OpenCompany, Site, open_site
from engine.web.app import create_app
from tests.abuse.site_files import FILES, MARKUP, SECRET_NUMBER, SECRET_TEXT, UNSEEN_NAME
from tests.sites import write_site

PEOPLE: Mapping[str, list[str]] = {
    "sam": ["staff"],
    "tia": ["staff"],
    "lea": ["lead"],
    "bo": ["boss"],
    "ada": ["administrator", "boss"],
    "nil": [],
    "guest": ["staff"],
}
# What a request may write whether it is refused or not: who was here when.
RESTLESS = frozenset({"sys_session", "sys_token", "sys_audit", "sys_login_attempt"})
API = "/fort/api/v1/trade"


@dataclass
class Fort:
    """`ids` by name: mine (sam's account), open (bo's, seen by sam), unseen (bo's), order, unseen_order, vault…"""

    site: Site
    app: Flask
    company: OpenCompany
    actors: dict[str, Actor] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)
    _browsers: dict[str, FlaskClient] = field(default_factory=dict)
    _programs: dict[str, FlaskClient] = field(default_factory=dict)

    def visitor(self) -> FlaskClient:
        """Somebody who has not signed in."""
        return self.app.test_client()

    def browser(self, login: str) -> FlaskClient:
        """A signed-in browser that sends the token of its session with every request."""
        if login not in self._browsers:
            client = self.app.test_client()
            client.set_cookie("session", self.session(login))
            page = client.get("/fort/me").text
            client.environ_base["HTTP_X_CSRF_TOKEN"] = page.split('name="csrf-token" content="')[1].split('"')[0]
            self._browsers[login] = client
        return self._browsers[login]

    def forget(self, login: str) -> None:
        """Let the person sign in anew."""
        self._browsers.pop(login, None)

    def session(self, login: str) -> str:
        """The secret of a new session."""
        return people.sign_in_as(self.company, self.actors[login].person, "127.0.0.1", "test")

    def program(self, login: str) -> FlaskClient:
        """A program with a personal token."""
        if login not in self._programs:
            secret = people.create_token(self.company, self.actors[login], "test", 30)
            client = self.app.test_client()
            client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
            self._programs[login] = client
        return self._programs[login]

    def save(self, login: str, form: str, **values: Any) -> int:
        """A record of `form`, made by a person."""
        actor = self.actors.get(login, SYSTEM)
        app, _, name = form.rpartition(".")
        return records.save_record(self.company, actor, f"{app or 'trade'}.{name}", None, values).id or 0

    def upload(self, login: str, name: str, content: bytes) -> int:
        """The id of a file that nobody has used yet."""
        return files.store_file(self.company, self.actors[login], name, io.BytesIO(content), "text/plain").id

    def fingerprint(self) -> str:
        """A hash of every row of every table, but those that note visits."""
        tables = sorted(self.company.database.tables.metadata.tables.values(), key=lambda each: each.name)
        with self.company.database.reading() as connection:
            rows = [
                (each.name, sorted(map(repr, connection.execute(each.select()))))
                for each in tables
                if each.name not in RESTLESS
            ]
        return hashlib.sha256(repr(rows).encode()).hexdigest()


def build_fort(root: Path, database_url: str | None) -> Fort:
    """The site of `FILES`, applied, with people and records."""
    site = open_site(write_site(root, FILES), database_url=database_url)
    setup.apply_company(site, "fort")
    company = site.company("fort")
    fort = Fort(site, create_app(site), company)
    for login, roles in PEOPLE.items():
        people.add_person(company, login=login, name=login.title(), roles=roles)
        fort.actors[login] = people.person_actor(company, login)
    _fill(fort)
    return fort


def _fill(fort: Fort) -> None:
    ids, save = fort.ids, fort.save
    secret = {"cipher": SECRET_TEXT, "limit": SECRET_NUMBER, "klass": "gold", "half": SECRET_TEXT}
    ids["paper"] = fort.upload("bo", "paper.html", MARKUP.encode())
    ids["sealed"] = fort.upload("bo", f"{SECRET_TEXT}.txt", b"zqsealed")
    ids["open"] = save(
        "bo", "account", name="Open one", region="open", papers=[ids["paper"]], sealed=ids["sealed"], **secret
    )
    ids["unseen"] = save("bo", "account", name=UNSEEN_NAME, region="closed")
    ids["mine"] = save("sam", "account", name="Mine", region="north")
    records.save_record(
        fort.company, SYSTEM, "trade.account", ids["mine"], {"cipher": f"{SECRET_TEXT}2", "limit": SECRET_NUMBER}
    )
    ids["child"] = save("bo", "account", name="Child", region="open", parent=ids["unseen"])
    ids["hidden_child"] = save("bo", "account", name=f"{UNSEEN_NAME} child", region="closed", parent=ids["open"])
    lines = [{"what": "thing", "price": "3", "cost": SECRET_NUMBER}]
    ids["order"] = save("bo", "order", account=ids["unseen"], memo="theirs", rep=fort.actors["sam"].person, lines=lines)
    ids["unseen_order"] = save("bo", "order", account=ids["open"], memo=UNSEEN_NAME, lines=lines)
    ids["vault"] = save("bo", "vault", name=UNSEEN_NAME, account=ids["mine"])
    ids["note"] = save("bo", "note", text="A note", account=ids["unseen"])
    ids["loose"] = fort.upload("bo", f"{UNSEEN_NAME}.txt", b"zqloose")
    ids["comment"] = timeline.add_comment(fort.company, fort.actors["bo"], "trade.account", ids["open"], MARKUP)
    with fort.company.database.reading() as connection:
        table = fort.company.database.tables.lines["trade.order", "lines"].name
        query = f'SELECT id FROM "{table}" WHERE _record = {ids["unseen_order"]}'  # noqa: S608
        ids["unseen_line"] = connection.execute(text(query)).scalar_one()
