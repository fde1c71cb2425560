"""Mails are left with the decision and handed on by the worker, once."""

from __future__ import annotations

import logging

import pytest

from engine.services.jobs import build_worker
from tests.flow.conftest import OpenOffice

STEPS = """
- {approve: head, who: [{user: li}]}
- auto: tell
  effects: [{notify: {to: [{user: cai1}], text: "{name} passed", channels: [mail]}}]
"""


def test_a_mail_is_written_once(office_with: OpenOffice, caplog: pytest.LogCaptureFixture) -> None:
    office = office_with(STEPS)
    office.start("zhang")
    office.approve("li")
    caplog.set_level(logging.INFO, logger="weft.mail")
    for _ in range(2):
        build_worker(office.world.site, only="acme").run_due()
    assert [record.getMessage() for record in caplog.records if record.name == "weft.mail"] == [
        "mail to 财一 (cai1): A contract passed"
    ]
