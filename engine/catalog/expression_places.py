"""Where in a definition file do expressions stand? As written: before short forms are written out and layers meet."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from engine.problems import Location
from engine.source.tree import Document, Item

Pattern = tuple[str, ...]

_CONDITIONS = ("formula", "visible", "required", "read_only", "freeze", "where")
_FIELD: tuple[Pattern, ...] = (
    *((key,) for key in _CONDITIONS),
    ("choices", "*", "where"),
    ("access", "see", "*"),
    ("access", "change", "*"),
)
_FIELDS: tuple[Pattern, ...] = (("fields", "*"), ("fields", "*", "fields", "*"), ("actions", "*", "asks", "*"))
_FORM: tuple[Pattern, ...] = (
    *((*field, *key) for field in _FIELDS for key in _FIELD),
    ("checks", "*", "holds"),
    ("relations", "*", "match"),
    ("page", "sections", "*", "when"),
    ("page", "tabs", "*", "when"),
    ("views", "*", "where"),
    ("actions", "*", "when"),
    ("actions", "*", "with", "*", "where"),
    ("access", "*"),
    ("access", "*", "*"),
)
_PIPELINE: tuple[Pattern, ...] = (("when",), ("stages", "*", "tasks", "*", "done_when"))
_DASHBOARD: tuple[Pattern, ...] = tuple(
    ("widgets", "*", *key)
    for key in (("value",), ("then",), ("where",), ("values", "*"), ("values", "*", "value"), ("values", "*", "where"))
)
_EXPRESSIONS = {
    "form": _FORM,
    "metrics": (("*", "value"), ("*", "where")),
    "dashboard": _DASHBOARD,
    "pipeline": _PIPELINE,
    "choices": (("options", "*", "where"),),
    "import": (("skip",),),
    "overlay": (*_FORM, *_PIPELINE, *_DASHBOARD, ("options", "*", "where")),
}
_FORM_VALUES: tuple[Pattern, ...] = (
    *((*field, "default") for field in _FIELDS),
    ("actions", "*", "sets", "*"),
    ("actions", "*", "with", "*"),
    ("actions", "*", "with", "*", "set", "*"),
)
_VALUES = {"form": _FORM_VALUES, "overlay": _FORM_VALUES, "data": (("rows", "*", "*"),), "import": (("set", "*"),)}
_STEP_CONDITIONS = frozenset({"when", "until", "where"})
_CHECKS: tuple[Pattern, ...] = tuple((*field, "check") for field in _FIELDS)


@dataclass(frozen=True, slots=True)
class Written:
    """An expression of a file: its first character's place, how the text around it is written (see Item.style)."""

    text: str
    at: Location
    style: str
    key: bool = False


def find_expressions(document: Document) -> Iterator[Written]:
    """Every expression of the file, in written order; values count from their `=` on."""
    kind = document.kind
    for path, item in _walk(document.item, ()):
        text = item.value if isinstance(item.value, str) else ""
        if text and _is_expression(kind, path, value=text.startswith("=")):
            yield Written(text, item.at, item.style)
        if _holds_checks(kind, path):
            yield from _checks(item)


def _is_expression(kind: str, path: Pattern, *, value: bool) -> bool:
    if kind == "workflow":  # steps lie within steps
        return value or (bool(path) and path[-1] in _STEP_CONDITIONS)
    patterns = _EXPRESSIONS.get(kind, ()) + (_VALUES.get(kind, ()) if value else ())
    return any(_fits(path, pattern) for pattern in patterns)


def _holds_checks(kind: str, path: Pattern) -> bool:
    if kind == "workflow":
        return bool(path) and path[-1] in ("check", "attention")
    return kind in ("form", "overlay") and any(_fits(path, pattern) for pattern in _CHECKS)


def _checks(item: Item) -> Iterator[Written]:
    if isinstance(item.value, str):
        yield Written(item.value, item.at, item.style)
    for key, entry in item.map.items():
        if entry.key_at is not None and entry.value != "remove":
            yield Written(key, entry.key_at, "plain", key=True)


def _walk(item: Item, path: Pattern) -> Iterator[tuple[Pattern, Item]]:
    """Every item with the names that lead to it; `replace: {…}` of an overlay is stepped through."""
    yield path, item
    for key, entry in item.map.items():
        yield from _walk(entry, path if key == "replace" else (*path, key))
    for entry in item.list:
        yield from _walk(entry, (*path, "-"))


def _fits(path: Pattern, pattern: Pattern) -> bool:
    return len(path) == len(pattern) and all(
        (want == "*" and name != "-") or want == name for name, want in zip(path, pattern, strict=True)
    )
