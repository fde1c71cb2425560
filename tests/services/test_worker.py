"""Jobs: done once, tried again, given up, stopped cleanly, by one worker or several."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from engine.runtime.actors import SYSTEM
from engine.services.site import open_site
from engine.services.worker import Handler, Hopeless, Running, Worker, dead_jobs, list_jobs
from engine.storage.outbox import MOST_TRIES, LeaseLost, add_job, take_job
from tests.worlds import World


def leave(world: World, kind: str, count: int = 1, key: str | None = None) -> None:
    with world.company.writing(SYSTEM, "test") as work:
        for number in range(count):
            add_job(work.uow, kind, {"number": number}, key=key)


def work_off(world: World, handler: Handler, kind: str = "mail") -> tuple[int, int, int]:
    (done,) = Worker(world.site, {kind: handler}).run_due()
    return done.done, done.failed, done.dead


def test_jobs_are_done_in_their_order_and_only_once(world: World) -> None:
    leave(world, "mail", 3)
    seen: list[int] = []
    assert work_off(world, lambda running: seen.append(running.payload["number"])) == (3, 0, 0)
    assert work_off(world, lambda running: seen.append(running.payload["number"])) == (0, 0, 0)
    assert seen == [0, 1, 2]


def test_kinds_without_a_handler_are_left_to_others(world: World) -> None:
    leave(world, "mail")
    assert work_off(world, lambda _: None, "letter") == (0, 0, 0)
    assert [job.status for job in list_jobs(world.company, ("waiting",))] == ["waiting"]


def test_a_key_is_taken_once(world: World) -> None:
    leave(world, "mail", key="daily 2026-03-02")
    leave(world, "mail", key="daily 2026-03-02")
    assert work_off(world, lambda _: None) == (1, 0, 0)


def test_a_failed_job_is_tried_again_later_and_is_dead_after_the_last_try(world: World) -> None:
    leave(world, "mail")

    def fail(_running: Running) -> None:
        raise ConnectionError("no line")

    assert work_off(world, fail) == (0, 1, 0)
    assert work_off(world, fail) == (0, 0, 0)  # not due yet
    for _ in range(MOST_TRIES - 1):
        world.clock.forward(days=1)
        assert work_off(world, fail)[:2] == (0, 1)
    assert dead_jobs(world.company) == 1
    (job,) = list_jobs(world.company, ("dead",))
    assert (job.tries, job.error) == (MOST_TRIES, "ConnectionError: no line")


def test_a_hopeless_job_is_dead_at_once(world: World) -> None:
    leave(world, "mail")

    def give_up(_running: Running) -> None:
        raise Hopeless("nothing to be done")

    assert work_off(world, give_up) == (0, 1, 1)


def test_a_batch_of_a_worker_that_lost_its_lease_is_not_kept(world: World) -> None:
    leave(world, "mail")

    def slow(running: Running) -> None:
        world.clock.forward(minutes=6)
        with world.company.writing(SYSTEM, "test") as work:
            assert take_job(work.uow, kind="mail") is not None  # another worker's

        def write(work: object) -> None:
            raise AssertionError("the lease was lost")

        with pytest.raises(LeaseLost):
            running.batch(write)
        raise LeaseLost

    assert work_off(world, slow) == (0, 1, 0)
    assert [job.status for job in list_jobs(world.company, ("running",))] == ["running"]


def test_a_stopping_worker_gives_its_job_back_with_what_is_done(world: World) -> None:
    leave(world, "mail")
    worker = Worker(world.site, {})

    def count(running: Running) -> None:
        for number in range(running.payload.get("done", 0), 4):
            running.batch(
                lambda work, number=number: running.keep(work, payload={"done": number + 1}, done=number + 1, total=4)
            )
            if number == 1:
                worker.stop()

    worker.handlers = {"mail": count}
    worker.serve()
    (job,) = list_jobs(world.company, ("waiting",))
    assert (job.payload, job.done, job.total, job.tries) == ({"done": 2}, 2, 4, 0)
    assert work_off(world, count) == (1, 0, 0)
    (job,) = list_jobs(world.company, ("done",))
    assert job.done == 4


def test_several_workers_do_no_job_twice(world: World) -> None:
    leave(world, "mail", 40)
    sites = [world.site]
    for _ in range(2):
        site = open_site(world.site.root, clock=world.clock)
        site.address = world.site.address  # type: ignore[method-assign]
        sites.append(site)
    seen: list[int] = []

    def note(running: Running) -> None:
        running.batch(lambda _: seen.append(running.payload["number"]))

    with ThreadPoolExecutor(3) as pool:
        found = list(pool.map(lambda site: Worker(site, {"mail": note}).run_due()[0].done, sites))
    for site in sites[1:]:
        site.close()
    assert sorted(seen) == list(range(40))
    assert sum(found) == 40


def test_a_worker_in_the_background_works_until_it_is_stopped(world: World) -> None:
    seen: list[int] = []
    worker = Worker(world.site, {"mail": lambda running: seen.append(running.payload["number"])}, pause=0.01)
    worker.start()
    leave(world, "mail", 2)
    for _ in range(500):
        if len(seen) == 2:
            break
        worker._stop.wait(0.01)
    worker.stop()
    assert seen == [0, 1]


def test_the_lease_of_a_lost_worker_ends(world: World) -> None:
    leave(world, "mail")
    with world.company.writing(SYSTEM, "test") as work:
        take_job(work.uow, kind="mail")
    assert work_off(world, lambda _: None) == (0, 0, 0)
    world.clock.now += timedelta(minutes=6)
    assert work_off(world, lambda _: None) == (1, 0, 0)
