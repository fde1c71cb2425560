#!/usr/bin/env python3
"""Writes docs/reference/ from the JSON Schemas that check the definitions: python docs/make_reference.py

One page per kind of definition, one of the field types, one of the functions, one of the problem codes;
tests/test_reference.py refuses pages that are not current.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from engine.catalog.field_types import FIELD_TYPES
from engine.catalog.field_types.base import COMMON
from engine.expressions.function_words import FUNCTION_WORDS, FunctionWords
from engine.expressions.operations import ALIASES
from engine.problem_codes import PROBLEM_CODES

ROOT = Path(__file__).resolve().parent.parent
SCHEMAS = ROOT / "engine" / "source" / "schemas"
REFERENCE = ROOT / "docs" / "reference"
NOTE = "<!-- Made by docs/make_reference.py from engine/source/schemas; change the schema instead. -->\n"
DEEPEST = 6
WARNINGS = ("FX050", "FX051", "FX052", "FX053")
FUNCTION_GROUPS = {
    "logic": ("Choice and emptiness", "逻辑与空值"),
    "numbers": ("Numbers", "数字"),
    "totals": ("Rows and totals", "明细与汇总"),
    "texts": ("Texts", "文本"),
    "dates": ("Days and times", "日期与时间"),
    "lists": ("Fields with several values", "多值字段"),
    "people": ("People", "人员"),
    "record": ("The record", "记录"),
}

Schema = Mapping[str, Any]


class Schemas:
    """The schema files by name, with their references followed."""

    def __init__(self, folder: Path) -> None:
        self.files: dict[str, Schema] = {
            path.name: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.schema.json"))
        }

    def follow(self, node: Schema, home: str) -> tuple[Schema, str, str]:
        """The node a `$ref` leads to with its file and its name; the node's own words win over those it leads to."""
        if "$ref" not in node:
            return node, home, ""
        file, _, path = node["$ref"].partition("#")
        home = file or home
        found: Any = self.files[home]
        for step in path.strip("/").split("/") if path else []:
            found = found[step]
        target, home, inner = self.follow(found, home)
        own = {key: value for key, value in node.items() if key != "$ref"}
        return {**target, **own}, home, inner or path.rsplit("/", 1)[-1]


def kind_pages(schemas: Schemas) -> Iterator[tuple[str, str]]:
    """File name and text of each page: the kinds, the shared shapes, an overview."""
    kinds = sorted(name for name in schemas.files if name != "common.schema.json")
    overview = [NOTE, "# Reference\n", "Every kind of definition and every key it may have.\n"]
    for name in kinds:
        schema, kind = schemas.files[name], name.removesuffix(".schema.json")
        overview.append(f"- [`{kind}`]({kind}.md): {schema.get('title', '')}")
        yield f"{kind}.md", page(schemas, schema, name, f"# `{kind}`")
    overview.append("- [Field types](field-types.md): what a field may hold")
    overview.append("- [Functions](functions.md) of expressions, with examples / 函数及示例")
    overview.append("- [Problem codes](problem-codes.md): every message with its hint")
    overview.append("- [Shared shapes](common.md): labels, fields and what several kinds have in common")
    yield "field-types.md", field_types_page()
    yield "functions.md", functions_page()
    yield "problem-codes.md", problem_codes_page()
    yield "common.md", shared_page(schemas)
    yield "README.md", "\n".join(overview) + "\n"


def page(schemas: Schemas, schema: Schema, home: str, head: str) -> str:
    lines = [NOTE, head + "\n", schema.get("title", "") + ".\n"]
    return "\n".join([*lines, *rows(schemas, schema, home, "", 0)]) + "\n"


def field_types_page() -> str:
    """Every registered field type with its meaning and the keys it takes besides the common ones."""
    meanings = yaml.safe_load((ROOT / "docs" / "field_types.yaml").read_text(encoding="utf-8"))
    common = ", ".join(f"`{name}`" for name in sorted(COMMON))
    lines = [
        NOTE,
        "# Field types\n",
        f"Every field may have: {common}.\n",
        "| type | holds | keys of its own |",
        "|---|---|---|",
    ]
    for name, kind in FIELD_TYPES.items():
        own = ", ".join(f"`{key}`" for key in sorted(kind.own))
        lines.append(f"| `{name}` | {meanings[name]} | {own} |")
    return "\n".join(lines) + "\n"


def functions_page() -> str:
    """Every function of expressions with what it gives, in both languages, and an example with its value."""
    told = yaml.safe_load((ROOT / "docs" / "function_examples.yaml").read_text(encoding="utf-8"))
    lines = [
        "<!-- Made by docs/make_reference.py from docs/function_examples.yaml and function_words.py. -->\n",
        "# Functions / 函数\n",
        "What expressions are: [formulas](../formulas.md). 公式说明见[公式指南](../formulas.zh.md)。\n",
        "Examples see a clock at 2024-06-15 12:00 in Shanghai and these values (try them: `weft eval`):",
        "示例的时间为上海 2024-06-15 12:00，并使用以下数据（可用 `weft eval` 试算）：\n",
        *(f"- `{name}` = `{value}`" for name, value in told["given"].items()),
    ]
    for group, (en, zh) in FUNCTION_GROUPS.items():
        lines += [f"\n## {en} / {zh}\n", "| function | gives | 说明 | example |", "|---|---|---|---|"]
        lines += [function_row(words, told) for words in FUNCTION_WORDS.values() if words.group == group]
    aliases = ", ".join(f"`{alias}` → `{name}`" for alias, name in sorted(ALIASES.items()))
    lines.append(f"\nOther names that are taken / 也接受的别名: {aliases}.")
    return "\n".join(lines) + "\n"


def function_row(words: FunctionWords, told: Mapping[str, Any]) -> str:
    text, value = told["examples"].get(words.name, (told["written"].get(words.name), None))
    shown = f"`{text}`" if value is None else f"`{text}` = {f'`{value}`' if value else 'empty / 空'}"
    cells = (f"`{words.usage}`", words.en, words.zh, shown)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def problem_codes_page() -> str:
    """Every problem code with its text and usual hint in both languages."""
    lines = [NOTE, "# Problem codes\n", "Words in braces are filled in. Codes are never given a second meaning.\n"]
    for code, entry in sorted(PROBLEM_CODES.items()):
        mark = " (warning / 警告)" if code in WARNINGS else ""
        lines.append(f"- **{code}**{mark} {entry.text['en']} / {entry.text['zh']}")
        if entry.hint.get("en"):
            lines.append(f"  - {entry.hint['en']} / {entry.hint['zh']}")
    return "\n".join(lines) + "\n"


def shared_page(schemas: Schemas) -> str:
    shapes = schemas.files["common.schema.json"].get("$defs", {})
    lines = [NOTE, "# Shared shapes\n"]
    for name, shape in sorted(shapes.items()):
        lines += [
            f"## {name}\n",
            f"{shape.get('description', '')} {shape_words(schemas, shape, 'common.schema.json')}\n",
        ]
        lines += [*rows(schemas, shape, "common.schema.json", "", 0), ""]
    return "\n".join(lines).rstrip() + "\n"


def rows(schemas: Schemas, schema: Schema, home: str, prefix: str, depth: int) -> Iterator[str]:
    """A list entry for each key, indented under the key it belongs to. Shared shapes are linked, not repeated."""
    required = set(schema.get("required", ()))
    indent = "  " * depth
    for key, node in schema.get("properties", {}).items():
        found, place, shared = schemas.follow(node, home)
        must = " **(required)**" if key in required else ""
        words = shape_words(schemas, node, home)
        yield f"{indent}- `{prefix}{key}`{must}: {found.get('description', '')} {words}".rstrip()
        if not shared and depth < DEEPEST:
            yield from inner_rows(schemas, found, place, depth + 1)


def inner_rows(schemas: Schemas, found: Schema, home: str, depth: int) -> Iterator[str]:
    """The keys inside a key: of a map with fixed keys, of each entry of a map by name, of the forms it may have."""
    if "properties" in found:
        yield from rows(schemas, found, home, "", depth)
    entry = found.get("additionalProperties")
    if isinstance(entry, Mapping):
        inner, place, shared = schemas.follow(entry, home)
        if not shared:
            yield from rows(schemas, inner, place, "<name>.", depth)
    for other in (*found.get("anyOf", ()), *found.get("oneOf", ())):
        inner, place, shared = schemas.follow(other, home)
        if not shared:
            yield from inner_rows(schemas, inner, place, depth)


def shape_words(schemas: Schemas, node: Schema, home: str) -> str:
    """What may stand there, in a few words."""
    found, place, shared = schemas.follow(node, home)
    if shared:
        return f"([{shared}](common.md#{shared.lower()}))"
    if "enum" in found:
        return "One of " + ", ".join(f"`{value}`" for value in found["enum"]) + "."
    if "const" in found:
        return f"Always `{found['const']}`."
    options = [
        shape_words(schemas, each, place).strip("()") for each in (*found.get("anyOf", ()), *found.get("oneOf", ()))
    ]
    if options:
        return "(" + " or ".join(dict.fromkeys(option for option in options if option)) + ")"
    kinds = found.get("type", ())
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    names = {"array": "list", "object": "map", "string": "text", "boolean": "true or false", "integer": "whole number"}
    return "(" + " or ".join(names.get(kind, kind) for kind in kinds) + ")" if kinds else ""


def main() -> int:
    """Write the pages; with --check only say which are not current (exit code 1)."""
    pages = dict(kind_pages(Schemas(SCHEMAS)))
    old = {path.name: path.read_text(encoding="utf-8") for path in REFERENCE.glob("*.md")}
    if "--check" in sys.argv[1:]:
        stale = sorted(name for name in {*pages, *old} if pages.get(name) != old.get(name))
        print("\n".join(f"docs/reference/{name} is not current" for name in stale), end="\n" if stale else "")
        return 1 if stale else 0
    for name in old.keys() - pages.keys():
        (REFERENCE / name).unlink()
    for name, text in pages.items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
