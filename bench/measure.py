"""Times requests: two servers in turn by one client, then one server by eight."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import quantiles

from bench.workload import Act, Ask

CLIENTS = 8


@dataclass
class Client:
    """A keep-alive connection of one person."""

    connection: HTTPConnection
    secret: str

    def send(self, ask: Ask) -> tuple[int, bytes, float]:
        """Status, body and milliseconds of one request."""
        headers = {"Authorization": f"Bearer {self.secret}", "Accept": "application/json"}
        if ask.body is not None:
            headers["Content-Type"] = "application/json"
        start = time.perf_counter()
        self.connection.request(ask.method, ask.path, ask.content, headers)
        answer = self.connection.getresponse()
        body = answer.read()
        return answer.status, body, (time.perf_counter() - start) * 1000

    def must(self, ask: Ask, status: int) -> float:
        """Milliseconds of a request that has to be answered with `status`."""
        got, body, took = self.send(ask)
        if got != status:
            raise RuntimeError(f"{ask.method} {ask.path} answered {got}: {body[:500].decode(errors='replace')}")
        return took


@dataclass(frozen=True)
class Times:
    """Milliseconds of many requests."""

    p50: float
    p95: float
    count: int


@dataclass(frozen=True)
class Compared:
    """One act on both sides; `rates` are requests per second with eight clients."""

    name: str
    ours: Times
    theirs: Times
    rates: tuple[float, float]
    at_most: float | None

    @property
    def ratio(self) -> float:
        """Ours to theirs, at the median."""
        return self.ours.p50 / self.theirs.p50

    @property
    def kept(self) -> bool | None:
        """Whether the target holds; None where there is none."""
        return None if self.at_most is None else self.ratio <= self.at_most


def summarize(times: list[float]) -> Times:
    """Median and 95th percentile."""
    parts = quantiles(times, n=20) if len(times) > 1 else [times[0]] * 19
    return Times(parts[9], parts[18], len(times))


def open_client(port: int, secret: str) -> Client:
    """A client of a server on this machine."""
    return Client(HTTPConnection("127.0.0.1", port, timeout=60), secret)


def compare(act: Act, ports: tuple[int, int], secret: str, seconds: float) -> Compared:
    """Both sides in turn for about `seconds`, so that whatever else the machine does hits both alike."""
    dice = (random.Random(7), random.Random(7))
    sides = tuple(
        (open_client(port, secret), ask, side)
        for port, ask, side in zip(ports, (act.ours, act.theirs), dice, strict=True)
    )
    for client, ask, side in sides:
        for _ in range(3):
            client.must(ask(side), act.expect)
    times: tuple[list[float], list[float]] = ([], [])
    end = time.monotonic() + seconds
    while len(times[0]) < 10 or (time.monotonic() < end and len(times[0]) < 500):
        for (client, ask, side), kept in zip(sides, times, strict=True):
            kept.append(client.must(ask(side), act.expect))
    rates = [
        rate(port, secret, ask, act.expect, seconds / 2)
        for port, ask in zip(ports, (act.ours, act.theirs), strict=True)
    ]
    return Compared(act.name, summarize(times[0]), summarize(times[1]), (rates[0], rates[1]), act.at_most)


def rate(port: int, secret: str, ask: Callable[[random.Random], Ask], expect: int, seconds: float) -> float:
    """Requests per second that eight clients get answered."""
    end = time.monotonic() + seconds

    def work(number: int) -> int:
        client, dice, done = open_client(port, secret), random.Random(100 + number), 0
        while time.monotonic() < end:
            client.must(ask(dice), expect)
            done += 1
        return done

    start = time.monotonic()
    with ThreadPoolExecutor(CLIENTS) as pool:
        done = sum(pool.map(work, range(CLIENTS)))
    return done / (time.monotonic() - start)


def time_page(port: int, path: str, cookie: str, times: int = 30) -> Times:
    """How long an HTML page takes for somebody signed in; it has to answer 200."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    taken = []
    for _ in range(times + 2):
        start = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": f"session={cookie}"})
        answer = connection.getresponse()
        body = answer.read()
        taken.append((time.perf_counter() - start) * 1000)
        if answer.status != 200:
            raise RuntimeError(f"{path} answered {answer.status}: {body[:300].decode(errors='replace')}")
    return summarize(taken[2:])
