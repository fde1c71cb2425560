"""The page of background work: who may see it, what it shows, and that a given-up job can be tried again."""

from __future__ import annotations

from engine.runtime.actors import SYSTEM
from engine.services.worker import Hopeless, Running, Worker, list_jobs
from engine.storage.outbox import add_job
from tests.web.conftest import Web


def test_administrators_see_jobs_and_try_dead_ones_again(web: Web) -> None:
    company = web.site.company("acme")
    with company.writing(SYSTEM, "test") as work:
        add_job(work.uow, "backfill", {"steps": []}, total=5000)
        add_job(work.uow, "sample", {"part": 1})

    def give_up(_running: Running) -> None:
        raise Hopeless("2 stored values are wrong")

    Worker(web.site, {"sample": give_up}).run_due()
    client = web.browser("ada")
    page = client.get("/acme/jobs").text
    assert "Formulas of all records" in page
    assert "0 of 5000" in page
    assert "2 stored values are wrong" in page
    (dead,) = list_jobs(company, ("dead",))
    assert client.post(f"/acme/jobs/{dead.id}/again").status_code == 303
    assert client.post(f"/acme/jobs/{dead.id}/again").status_code == 404
    assert not list_jobs(company, ("dead",))


def test_nobody_else_learns_of_jobs(web: Web) -> None:
    client = web.browser("ann")
    assert client.get("/acme/jobs").status_code == 404
    assert client.post("/acme/jobs/1/again").status_code == 404
    assert "/acme/jobs" not in client.get("/acme/").text
