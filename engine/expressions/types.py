"""Which types are there, what are they called, and which fit together?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from engine.expressions.nodes import Type

NUMBER = Type("number")
WHOLE = Type("number", 0)
QUOTIENT = Type("number", 12)
TEXT = Type("text")
BOOLEAN = Type("boolean")
DATE = Type("date")
DATETIME = Type("datetime")
DURATION = Type("duration")
NULL = Type("null")
PERSON = Type("person", form="people.person")
DEPARTMENT = Type("department", form="people.department")

QUOTIENT_PLACES = 12
UNFIXED_PLACES = 12  # what a number field may have at most

LISTS = frozenset({"choices", "people", "departments", "links", "files"})
TEXTS = frozenset({"text", "choice", "stage"})
LINKS = frozenset({"person", "department", "link", "file"})
ORDERED = frozenset({"number", "text", "date", "datetime", "time", "duration", "null"})

_NAMES = MappingProxyType(
    {
        "number": ("a number", "数字"),
        "text": ("a text", "文本"),
        "boolean": ("a condition", "条件（是/否）"),
        "date": ("a date", "日期"),
        "datetime": ("a date with time", "日期时间"),
        "day": ("a date", "日期"),
        "time": ("a time", "时刻"),
        "duration": ("a duration", "时长"),
        "choice": ("a choice", "选项"),
        "choices": ("several choices", "多个选项"),
        "stage": ("a stage", "阶段"),
        "person": ("a person", "人员"),
        "people": ("several people", "多个人员"),
        "department": ("a department", "部门"),
        "departments": ("several departments", "多个部门"),
        "link": ("a link", "关联"),
        "links": ("several links", "多个关联"),
        "file": ("a file", "文件"),
        "files": ("several files", "多个文件"),
        "rows": ("rows", "明细行"),
        "null": ("nothing", "空值"),
        "list": ("a field with several values", "多值字段"),
        "any": ("one value", "单个值"),
    }
)


def type_words(kind: str) -> Mapping[str, str]:
    """What a type kind is called, by language."""
    en, zh = _NAMES.get(kind, (kind, kind))
    return MappingProxyType({"en": en, "zh": zh})


def family(type_: Type) -> str:
    """Types of one family compare with each other and may stand for each other in IF branches."""
    if type_.kind in TEXTS:
        return "text"
    if type_.kind in LINKS:
        return f"link {target(type_)}"
    if type_.kind in LISTS:
        return f"list {target(type_)}"
    return type_.kind


def target(type_: Type) -> str:
    """The form that a link or list of links leads to, "" when not fixed."""
    people = {"person": "people.person", "people": "people.person"}
    departments = {"department": "people.department", "departments": "people.department"}
    return type_.form or people.get(type_.kind) or departments.get(type_.kind) or ""


def same_family(one: Type, other: Type) -> bool:
    """Whether the two types fit; null fits every type, a link to unknown forms every link."""
    if "null" in (one.kind, other.kind):
        return True
    if one.kind in LINKS and other.kind in LINKS and not (target(one) and target(other)):
        return True
    return family(one) == family(other)


def common_type(types: Iterable[Type]) -> Type:
    """The type of several branches of one family: nulls aside, text before choice, the most decimals."""
    known = [each for each in types if each.kind != "null"]
    if not known:
        return NULL
    if known[0].kind == "number":
        return Type("number", max(places_of(each) for each in known))
    if known[0].kind in TEXTS and any(each.kind != known[0].kind for each in known):
        return TEXT
    return known[0]


def places_of(type_: Type) -> int:
    """The decimals that a number may have."""
    if type_.kind != "number":
        return 0
    return UNFIXED_PLACES if type_.places is None else type_.places


def fits(wanted: str, got: Type) -> bool:
    """Whether a value of type `got` may stand where the type kind `wanted` is needed."""
    if got.kind in ("null", wanted) or wanted == "any":
        return True
    if wanted in TEXTS or wanted in LINKS or wanted in LISTS:
        return same_family(Type(wanted), got) or (wanted in ("link", "links") and got.kind in LINKS | LISTS)
    return {"integer": "number", "money": "number", "percent": "number", "rating": "number", "month": "date"}.get(
        wanted
    ) == got.kind
