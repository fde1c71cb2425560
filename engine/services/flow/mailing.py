"""Mails that approvals leave behind: told in the log of the process, until a site names a mail server."""

from __future__ import annotations

import logging

from engine.runtime.work import Work
from engine.services.worker import Running
from engine.storage.persons import fetch_person

LOG = logging.getLogger("weft.mail")


def write_mail(running: Running) -> None:
    """One mail to one person, in that person's language; who may not act any more gets none."""

    def write(work: Work) -> None:
        person = fetch_person(work.uow, int(running.payload["person"]))
        texts = running.payload["texts"]
        if person is None or not texts:
            return
        language = person.language or work.catalog.company.language
        text = texts.get(language) or next(iter(texts.values()))
        LOG.info("mail to %s (%s): %s", person.name, person.login, text)

    running.batch(write)
