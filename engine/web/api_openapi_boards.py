"""The OpenAPI paths and schemas of boards: those that the reader may open, with their own filters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from engine.catalog.dashboards import PERIODS, BoardFilter, Dashboard
from engine.values import in_language

Schema = dict[str, object]

_JSON = "application/json"
_TAG = "Boards"
_PROBLEM = {
    "description": "Refused",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Error"}}},
}
_NUMBER: Schema = {"type": ["string", "null"], "description": "An exact number as a text"}
_NUMBERS: Schema = {"type": "array", "items": _NUMBER}
_WORD: Schema = {"type": "string"}
_WORDS: Schema = {"type": "array", "items": _WORD}
_MAYBE: Schema = {"type": ["string", "null"]}
_ID: Schema = {"type": "integer"}


def _object(**properties: Schema) -> Schema:
    return {"type": "object", "properties": properties}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


_DIMENSION = _object(name=_WORD, label=_WORD, kind=_WORD, bucket=_MAYBE)
_MARK = _object(
    keys=_list(_object(value=_WORD, text=_WORD, where=_WORD, color=_WORD)),
    values=_NUMBERS,
    before=_NUMBERS,
    rank_before=_ID,
    others={"type": "integer", "description": "How many groups this mark sums up"},
)
_SERIES = _object(
    name=_WORD,
    metric=_MAYBE,
    label=_WORD,
    format={"enum": ["number", "percent", "money", "duration"]},
    decimals={"type": ["integer", "null"]},
    unit=_WORD,
    good={"enum": ["up", "down", "none"]},
    axis={"enum": ["left", "right"]},
    shape=_MAYBE,
)
SCHEMAS: Mapping[str, Schema] = MappingProxyType(
    {
        "ListedBoard": _object(id=_WORD, label=_WORD, help=_MAYBE, icon=_WORD, url=_WORD),
        "BoardWidget": _object(
            type=_WORD,
            label=_WORD,
            state={"enum": ["ok", "empty", "hidden", "error"]},
            form=_WORD,
            where={"type": "string", "description": "The condition of all its records, as a list takes it"},
            count=_ID,
            series=_list(_SERIES),
            rows=_list(_DIMENSION),
            columns=_list(_DIMENSION),
            marks=_list(_MARK),
            totals=_NUMBERS,
            before=_NUMBERS,
            target=_NUMBER,
            records={"type": "object"},
            unfiltered=_WORDS,
            problems=_list(_object(code=_WORD, message=_WORD)),
        ),
        "Board": _object(
            id=_WORD,
            label=_WORD,
            help=_MAYBE,
            icon=_WORD,
            url=_WORD,
            filters=_list(_object(name=_WORD, label=_WORD, kind=_WORD, values=_WORDS, texts=_WORDS)),
            chips=_list(_object(pick=_WORDS, text=_WORD)),
            layout=_list(_WORDS),
            widgets={"type": "object", "additionalProperties": _ref("BoardWidget")},
        ),
        "NumberExplanation": _object(
            widget=_WORD,
            label=_WORD,
            state={"enum": ["ok", "hidden"]},
            keys=_list(_object(label=_WORD, text=_WORD)),
            filters=_WORDS,
            count=_ID,
            where=_WORD,
            numbers=_list(
                _object(
                    label=_WORD,
                    metric=_MAYBE,
                    words=_WORD,
                    value=_NUMBER,
                    only=_MAYBE,
                    parts=_list(_object(words=_WORD, value=_NUMBER)),
                    at=_WORD,
                    expression=_WORD,
                )
            ),
        ),
    }
)
_PICK = ("pick", "A clicked mark: widget~dimension~value; several of one dimension are alternatives")
_DRILL = ("drill", "widget~step: how far the widget is opened into")


def board_paths(company: str, boards: Iterable[Dashboard], language: str) -> dict[str, object]:
    """The paths of these boards; {} when there are none."""
    base = f"/{company}/api/v1/boards"
    found: dict[str, object] = {}
    for board in boards:
        app, _, name = board.id.partition(".")
        text, filters = in_language(board.label, language), [_filter(each, language) for each in board.filters.values()]
        one = f"{base}/{app}/{name}"
        named = {"name": "widget", "in": "path", "required": True, "schema": {"enum": list(board.widgets)}}
        some = _query("widget", "Only these widgets", {"type": "array", "items": {"enum": list(board.widgets)}})
        found[one] = {"get": _get(f"{board.id}.board", text, "Board", [*filters, *_state(), some])}
        asked = [named, *filters, *_state()]
        found[f"{one}/widgets/{{widget}}"] = {
            "get": _get(f"{board.id}.widget", text, "BoardWidget", [*asked, *_page()])
        }
        key = _query("key", "The value of a dimension of one mark, in order", _WORDS)
        found[f"{one}/widgets/{{widget}}/explain"] = {
            "get": _get(f"{board.id}.explain", text, "NumberExplanation", [*asked, key])
        }
    if found:
        listed = _object(boards=_list(_ref("ListedBoard")))
        found = {base: {"get": _answer("boards.list", "Boards", listed, [])}, **found}
    return found


def _filter(each: BoardFilter, language: str) -> Schema:
    values: Schema = _WORD
    if each.kind == "period":
        values = {"type": "string", "description": f"{', '.join(PERIODS)} or 2026-01-01..2026-03-31"}
    elif each.field is not None and each.field.choices:
        values = {"enum": [*(choice.id for choice in each.field.choices), ""]}
    return _query(f"f.{each.name}", in_language(each.label, language), {"type": "array", "items": values})


def _state() -> list[Schema]:
    return [_query(name, text, _WORDS) for name, text in (_PICK, _DRILL)]


def _page() -> list[Schema]:
    limit: Schema = {"type": "integer", "minimum": 1, "maximum": 100}
    return [_query("limit", "Rows of a page of a table", limit), _query("after", "The cursor `next`", _WORD)]


def _query(name: str, text: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "description": text, "schema": schema}


def _get(name: str, text: str, answer: str, asked: list[Schema]) -> Schema:
    return _answer(name, text, _ref(answer), asked)


def _answer(name: str, text: str, answer: Schema, asked: list[Schema]) -> Schema:
    told = {"description": text, "content": {_JSON: {"schema": answer}}}
    found: Schema = {"tags": [_TAG], "operationId": name, "summary": text}
    return {**found, "parameters": asked, "responses": {"200": told, "4XX": _PROBLEM}}
