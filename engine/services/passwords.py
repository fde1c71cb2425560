"""Passwords: hashing that costs an attacker much and a server little enough, and which ones are refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import BoundedSemaphore

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from engine.problems import Problem, ProblemsFound

LEAST, MOST = 8, 128
HASHES_AT_ONCE = 2
COMMON = frozenset(
    [
        "password",
        "password1",
        "password12",
        "password123",
        "passw0rd",
        "12345678",
        "123456789",
        "1234567890",
        "11111111",
        "00000000",
        "88888888",
        "66666666",
        "qwertyui",
        "qwertyuiop",
        "qwerty123",
        "1q2w3e4r",
        "1qaz2wsx",
        "abcd1234",
        "abc12345",
        "a1234567",
        "a12345678",
        "iloveyou",
        "iloveyou1",
        "sunshine",
        "football",
        "baseball",
        "princess",
        "superman",
        "trustno1",
        "letmein1",
        "welcome1",
        "welcome123",
        "admin123",
        "admin1234",
        "administrator",
        "changeme",
        "woaini1314",
        "woaini520",
        "5201314520",
        "147258369",
        "123123123",
        "987654321",
        "asdfghjk",
        "asdfghjkl",
        "zxcvbnm1",
        "q1w2e3r4",
        "aa123456",
        "qq123456",
        "zhang123",
        "wang1234",
        "li123456",
        "china123",
        "beijing1",
        "weftwork",
        "weftwork1",
    ]
)


@dataclass
class Passwords:
    """The hasher of one process. More hashes at once than this would let a flood of sign-ins take all processors."""

    hasher: PasswordHasher = field(
        default_factory=lambda: PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, type=Type.ID)
    )
    gate: BoundedSemaphore = field(default_factory=lambda: BoundedSemaphore(HASHES_AT_ONCE))

    def hash(self, password: str) -> str:
        """The Argon2id hash of a password."""
        with self._turn():
            return self.hasher.hash(password)

    def matches(self, password_hash: str | None, password: str) -> bool:
        """Whether a password fits; without a hash it takes as long, and the answer is no."""
        if password_hash is None:
            self.hash(password[:MOST])
            return False
        with self._turn():
            try:
                return self.hasher.verify(password_hash, password)
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, password_hash: str) -> bool:
        """Whether the hash was made with weaker parameters."""
        return self.hasher.check_needs_rehash(password_hash)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self.gate:
            yield


def require_strong(password: str, words: tuple[str, ...]) -> None:
    """Raise for a password that is too short, too long, common, or made of words like the login or the company."""
    if not LEAST <= len(password) <= MOST:
        raise ProblemsFound([Problem("R109", {"least": LEAST, "most": MOST}, pointer="password")])
    folded = password.casefold()
    rest = folded
    for word in words:
        if len(word) > 3:
            rest = rest.replace(word.casefold(), "")
    if folded in COMMON or len(set(folded)) < 3 or len(rest) < LEAST // 2:
        raise ProblemsFound([Problem("R118", pointer="password")])
