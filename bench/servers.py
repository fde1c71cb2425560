"""Both applications in processes of their own, under the same server with the same settings."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 60.0


@dataclass(frozen=True)
class Server:
    """A server that has answered; `started` is how many seconds that took from nothing."""

    port: int
    process: subprocess.Popen[bytes]
    started: float

    @property
    def memory(self) -> float:
        """Resident memory in MiB."""
        return psutil.Process(self.process.pid).memory_info().rss / 2**20


@contextmanager
def running(side: str, folder: Path, url: str | None) -> Iterator[Server]:
    """The server `side` (ours, theirs) until the block ends."""
    port = free_port()
    words = [sys.executable, "-m", "bench.serve", side, str(folder), str(port), *([url] if url else [])]
    start = time.monotonic()
    process = subprocess.Popen(words, cwd=ROOT)
    try:
        wait_for(port, process)
        yield Server(port, process, time.monotonic() - start)
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Return when the first page was answered, whatever the answer."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if process.poll() is not None:
            raise RuntimeError("the server ended by itself")
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request("GET", "/bench/sign-in")
            connection.getresponse().read()
        except OSError:
            time.sleep(0.02)
        else:
            return
        finally:
            connection.close()
    raise RuntimeError(f"no answer within {PATIENCE:.0f} seconds")


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
