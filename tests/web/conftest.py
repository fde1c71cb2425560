"""A small site behind the real application: two roles, a field that one of them may not see, a pipeline."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient

from engine.services import people, setup
from engine.services.site import Site, open_site
from engine.storage.database import DatabaseAddress
from engine.web.app import create_app
from tests.sites import write_site

FILES = {
    "site.yaml": "site: test\nlanguages: [en, zh]\ndemo: true\ncompanies: [acme]\n",
    "forms/companies/acme/company.yaml": "company: acme\nlabel: {en: Acme, zh: 阿克米}\napps: [work]\nlanguage: en\n",
    "forms/work/app.yaml": """
        app: work
        label: Work
        roles: {staff: {en: Staff, zh: 员工}, boss: Boss}
        menu: [task, plan]
        """,
    "forms/work/task.yaml": """
        form: work.task
        label: {en: Task, zh: 任务}
        title: "{name}"
        owner: who
        fields:
          name: {type: text, label: {en: Name, zh: 名称}, required: true, max_length: 40}
          amount: {type: money, label: {en: Amount, zh: 金额}}
          share: percent
          due: date
          done: boolean
          kind: {type: choice, choices: {a: Alpha, b: Beta}}
          stage: stage
          who: {type: user, default: "=me"}
          parent: {type: link, to: work.task, inverse: {name: children, label: Children}}
          cost: {type: money, access: {see: [boss]}}
        views:
          list: {columns: [name, kind, amount, due, who], filters: [kind, who, due], sort: name}
          board: {type: board, group: stage, card: [amount, due], sum: amount}
          done: {label: Done, where: "done"}
        actions:
          finish: {label: {en: Finish, zh: 完成}, sets: {done: true}, when: "not done"}
        access:
          staff: {see: own, create: true, change: own, delete: own}
          boss: {see: always, create: true, change: always, delete: always}
        """,
    "forms/work/plan.yaml": """
        form: work.plan
        label: Plan
        title: "{name}"
        fields: {name: text}
        access: {boss: {see: always, create: true, change: always}}
        """,
    "workflows/work/task_stages.yaml": """
        pipeline: work.task_stages
        of: work.task.stage
        stages:
          open: {label: {en: Open, zh: 未开始}}
          half: {label: {en: Half done, zh: 进行中}, requires: [due]}
        ends:
          over: {label: {en: Over, zh: 结束}, outcome: done}
        """,
}


@dataclass
class Web:
    """The application, and a browser of each person."""

    site: Site
    app: Flask

    def visitor(self) -> FlaskClient:
        """Somebody who has not signed in."""
        return self.app.test_client()

    def browser(self, login: str) -> FlaskClient:
        """A signed-in browser that sends the token of its session with every request."""
        client = self.app.test_client()
        company = self.site.company("acme")
        person = people.person_actor(company, login).person
        token = people.sign_in_as(company, person, "127.0.0.1", "test")
        client.set_cookie("session", token)
        page = client.get("/acme/me").text
        client.environ_base["HTTP_X_CSRF_TOKEN"] = page.split('name="csrf-token" content="')[1].split('"')[0]
        return client

    def program(self, login: str) -> FlaskClient:
        """A program with a personal token."""
        company = self.site.company("acme")
        secret = people.create_token(company, people.person_actor(company, login), "test", 30)
        client = self.app.test_client()
        client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {secret}"
        return client


def open_web(root: Path, database_url: str | None = None, files: Mapping[str, str] = FILES) -> Web:
    site = open_site(write_site(root, files), database_url=database_url)
    setup.apply_company(site, "acme")
    company = site.company("acme")
    for login, roles in (("ann", ["staff"]), ("ben", ["staff"]), ("bo", ["boss"]), ("ada", ["administrator", "boss"])):
        people.add_person(company, login=login, name=login.title(), roles=roles)
    return Web(site, create_app(site))


@pytest.fixture
def web(tmp_path: Path) -> Iterator[Web]:
    """The application on SQLite."""
    opened = open_web(tmp_path)
    yield opened
    opened.site.close()


@pytest.fixture
def web_on(database_address: DatabaseAddress, tmp_path: Path) -> Iterator[Web]:
    """The application on SQLite and on PostgreSQL."""
    url = database_address.url
    if url:
        drop_company(url)
    opened = open_web(tmp_path, url)
    yield opened
    opened.site.close()
    if url:
        drop_company(url)


def drop_company(url: str) -> None:
    """Takes the company of an earlier test out of a PostgreSQL."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP SCHEMA IF EXISTS acme CASCADE")
