"""What a command asks for in its JSON body: read strictly, name by name, so that nothing misspelt is passed over."""

from __future__ import annotations

from collections.abc import Mapping

from flask import request
from werkzeug.exceptions import BadRequest

from engine.problems import Problem, ProblemsFound
from engine.web.ids import LARGEST, find_id
from engine.web.json_body import read_body

LONGEST_TEXT = 4000
_KEY_LENGTH = 200
_MOST = 100


class Asked:
    """The body of a request; every name is asked for once, then `close` refuses what is left (R101)."""

    def __init__(self, body: Mapping[str, object]) -> None:
        self.left = dict(body)

    @classmethod
    def read(cls) -> Asked:
        """The body of this request."""
        return cls(read_body())

    def close(self) -> None:
        """R101 for every name that nobody has asked for."""
        if self.left:
            raise ProblemsFound([Problem("R101", {"name": name}, pointer=name) for name in self.left])

    def text(self, name: str) -> str | None:
        """A text without blanks around it; None when it is empty or left out. BadRequest when it is too long."""
        found = self.left.pop(name, None)
        if found is None:
            return None
        if not isinstance(found, str) or len(found) > LONGEST_TEXT:
            raise BadRequest
        return found.strip() or None

    def number(self, name: str) -> int | None:
        """An id or a version; None when it is left out."""
        found = self.left.pop(name, None)
        return None if found is None else _id(found)

    def person(self, name: str) -> int:
        """Somebody by id, or as links are answered: {"id": 7}; R114 when it is left out."""
        found = self.left.pop(name, None)
        if found is None:
            raise ProblemsFound([Problem("R114", {"name": ""}, pointer=name)])
        return _person(found)

    def people(self, name: str) -> list[int]:
        """Several of them; [] when it is left out."""
        return _people(self.left.pop(name, None))

    def people_by_step(self, name: str) -> dict[str, list[int]]:
        """Step → the people chosen for it."""
        return {step: _people(found) for step, found in self.mapping(name).items()}

    def mapping(self, name: str) -> dict[str, object]:
        """An object; {} when it is left out."""
        found = self.left.pop(name, None)
        if found is None:
            return {}
        if not isinstance(found, dict):
            raise BadRequest
        return found

    def words(self, name: str) -> list[str]:
        """A list of texts; [] when it is left out."""
        found = self.left.pop(name, None)
        if found is None:
            return []
        if not isinstance(found, list) or len(found) > _MOST or not all(isinstance(one, str) for one in found):
            raise BadRequest
        return found

    def each(self, name: str) -> list[Asked]:
        """A list of objects."""
        found = self.left.pop(name, None)
        if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
            raise BadRequest
        return [Asked(one) for one in found]


def idempotency_key() -> str | None:
    """The key that this request carries; BadRequest for an empty or endless one."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= _KEY_LENGTH:
        raise BadRequest
    return key


def _people(found: object) -> list[int]:
    if found is None:
        return []
    if not isinstance(found, list) or len(found) > _MOST:
        raise BadRequest
    return [_person(each) for each in found]


def _person(found: object) -> int:
    return _id(found.get("id") if isinstance(found, dict) else found)


def _id(found: object) -> int:
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= LARGEST:
        raise BadRequest
    return found


def read_cursor(query: Mapping[str, str]) -> int | None:
    """The place in a list that `?after=` says; R110 when it says none."""
    given = query.get("after")
    if not given:
        return None
    found = find_id(given)
    if found is None:
        raise ProblemsFound([Problem("R110")])
    return found
