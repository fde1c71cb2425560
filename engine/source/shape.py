"""Does a document have the shape of its kind? JSON Schema finds it, this file says it with place and near names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path as FilePath
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from engine.problems import Location, Problem, near_name
from engine.source.tree import Item, Path, find_item, plain, short_text

SCHEMAS = FilePath(__file__).resolve().parent / "schemas"
_SHARED = ("common", "workflow")  # other schemas refer to their parts
_TYPES = {
    "string": ("a text", "文本"),
    "object": ("a map (key: value)", "键值对"),
    "array": ("a list", "列表"),
    "boolean": ("true or false", "true 或 false"),
    "integer": ("a whole number", "整数"),
}


def check_shape(kind: str, item: Item) -> list[Problem]:
    """Everything in which the (expanded) document `item` differs from the schema of `kind`."""
    problems: list[Problem] = []
    for error in _validator(kind).iter_errors(plain(item)):
        problems.extend(_problems(error, item))
    return problems


def read_schema(name: str) -> Mapping[str, Any]:
    """The JSON Schema called `name`: a kind or "common"."""
    schema: Mapping[str, Any] = json.loads((SCHEMAS / f"{name}.schema.json").read_text(encoding="utf-8"))
    return schema


@cache
def _validator(kind: str) -> Draft202012Validator:
    registry: Registry[Any] = Registry().with_resources(
        (f"{name}.schema.json", Resource.from_contents(read_schema(name))) for name in _SHARED
    )
    return Draft202012Validator(read_schema(kind), registry=registry)


def _problems(error: Any, item: Item) -> Iterator[Problem]:
    path: Path = tuple(error.absolute_path)
    found = find_item(item, path) or item
    where = _where(path)
    if error.validator == "additionalProperties":
        yield from _unknown_keys(error, found, where)
    elif error.validator == "required":
        yield from _missing_keys(error, found, where)
    elif error.validator == "enum":
        words = [str(word) for word in error.validator_value]
        near = near_name(found.text, words)
        yield Problem(
            "D104", {"value": short_text(found), "where": where, "words": ", ".join(words), "near": near}, found.at
        )
    elif error.validator == "type":
        yield _wrong_type(error, found, where)
    else:
        yield Problem("D110", {"where": where, "limit": _limit(error), "value": short_text(found)}, found.at)


def _unknown_keys(error: Any, found: Item, where: str) -> Iterator[Problem]:
    known = list(error.schema.get("properties", {}))
    for key, entry in found.map.items():
        if key not in known:
            values = {"key": key, "where": where, "near": near_name(key, known), "known": ", ".join(known)}
            yield Problem("D101", values, _key_place(entry))


def _missing_keys(error: Any, found: Item, where: str) -> Iterator[Problem]:
    for key in error.validator_value:
        if key not in found.map:
            yield Problem("D102", {"key": key, "where": where}, found.place)


def _wrong_type(error: Any, found: Item, where: str) -> Problem:
    types = error.validator_value
    names = [types] if isinstance(types, str) else list(types)
    english = " or ".join(_TYPES[name][0] for name in names)
    chinese = "或".join(_TYPES[name][1] for name in names)
    values = {"where": where, "expected": english, "expected_zh": chinese, "value": short_text(found)}
    if found.text.lower() in ("yes", "on", "true", "y"):
        values["near"] = "true"
    elif found.text.lower() in ("no", "off", "false", "n"):
        values["near"] = "false"
    return Problem("D103", values, found.at)


def _key_place(entry: Item) -> Location:
    return entry.place


def _limit(error: Any) -> str:
    return f"{error.validator}: {error.validator_value}"


def _where(path: Path) -> str:
    return ".".join(str(step) for step in path) or "the file"
