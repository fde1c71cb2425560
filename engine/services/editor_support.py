"""What an editor needs: the JSON Schemas of every kind, and settings that make VS Code use them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.catalog.field_types import FIELD_TYPES
from engine.problems import Location, Problem, ProblemsFound
from engine.source.kinds import KINDS
from engine.source.layers import find_pack
from engine.source.shape import read_schema

_FOLDER = ".weft/schemas"
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_PLACES = ("forms/**/*.yaml", "workflows/**/*.yaml", "dashboards/**/*.yaml", "templates_pack/**/*.yaml", "site.yaml")
_CHANGED = ("form", "pipeline", "choices")


def write_schemas(folder: Path) -> list[Path]:
    """Writes the schemas and .vscode/settings.json under `folder`; the paths written."""
    target = folder / _FOLDER
    target.mkdir(parents=True, exist_ok=True)
    written = []
    schemas = {"common": _common(), **{kind: read_schema(kind) for kind in KINDS}}
    schemas |= {"overlay": _overlay(), "definition": _any_kind()}
    for name, schema in schemas.items():
        path = target / f"{name}.schema.json"
        path.write_text(json.dumps(schema, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        written.append(path)
    return [*written, _write_settings(folder)]


def modeline() -> str:
    """The line that makes an editor without settings use the schema of one file."""
    return f"# yaml-language-server: $schema=<path to>/{_FOLDER}/definition.schema.json"


def _common() -> Mapping[str, Any]:
    """With the field types spelled out, so that an editor offers them."""
    common: dict[str, Any] = json.loads(json.dumps(read_schema("common")))
    common["$defs"]["field"]["properties"]["type"]["enum"] = list(FIELD_TYPES)
    return common


def _any_kind() -> Mapping[str, Any]:
    """One schema for every file: the key that is there says which kind it is."""
    kinds = (*KINDS, "overlay")
    return {
        "$schema": _DRAFT,
        "$id": "definition.schema.json",
        "title": "Any definition file",
        "type": "object",
        "anyOf": [{"required": [kind]} for kind in kinds],
        "allOf": [{"if": _is_kind(kind), "then": {"$ref": f"{kind}.schema.json"}} for kind in kinds],
    }  # fmt: skip


def _is_kind(kind: str) -> Mapping[str, Any]:
    """An overlay of choices has the key choices, too: its own key comes first."""
    return {"required": [kind]} if kind == "overlay" else {"required": [kind], "not": {"required": ["overlay"]}}


def _overlay() -> Mapping[str, Any]:
    """Everything that may be changed, nothing required: entries may be removed, replaced or placed."""
    properties: dict[str, Any] = {"overlay": {"description": "The id of the definition to change.", "type": "string"}}
    for kind in _CHANGED:
        schema = read_schema(kind)
        for key, value in schema["properties"].items():
            if key not in _CHANGED:
                properties.setdefault(key, _described(value))
    return {
        "$schema": _DRAFT,
        "$id": "overlay.schema.json",
        "title": "An overlay: changes to a definition of a lower layer",
        "type": "object",
        "required": ["overlay"],
        "properties": properties,
        "additionalProperties": False,
    }


def _described(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The description alone: what an overlay may write there depends on what lies below."""
    if "description" in schema:
        return {"description": schema["description"]}
    _, _, name = str(schema.get("$ref", "")).rpartition("/")
    return {"description": read_schema("common")["$defs"].get(name, {}).get("description", "")}


def _write_settings(folder: Path) -> Path:
    """Adds our association to the settings that are there; what else they hold stays."""
    path = folder / ".vscode" / "settings.json"
    settings: dict[str, Any] = {}
    if path.is_file():
        try:
            settings = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            at = Location(".vscode/settings.json", 1, 1)
            raise ProblemsFound([Problem("S101", {"reason": str(error)}, at)]) from error
    settings.setdefault("yaml.schemas", {})[f"./{_FOLDER}/definition.schema.json"] = list(_PLACES)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(settings, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return path


def init_site(folder: Path, company: str = "company") -> list[Path]:
    """Writes a fresh site that uses every app of the installed pack; ProblemsFound (S108) when one is there."""
    if (folder / "site.yaml").exists():
        raise ProblemsFound([Problem("S108", {"folder": folder.resolve().name}, Location("site.yaml", 1, 1))])
    pack = find_pack(folder)
    apps = sorted(path.name for path in pack.iterdir() if (path / "app.yaml").is_file()) if pack.is_dir() else []
    files = {
        "site.yaml": f"site: {_site_name(folder)}\nlanguages: [en, zh]\ndemo: false\ncompanies: [{company}]\n",
        f"forms/companies/{company}/company.yaml": _company_file(company, apps),
        ".gitignore": "var/\n",
    }
    written = []
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return [*written, *write_schemas(folder)]


def _company_file(company: str, apps: list[str]) -> str:
    return (
        f"company: {company}\n"
        "label: {en: My company, zh: 我的公司}\n"
        f"apps: [{', '.join(apps)}]\n"
        "language: en\n"
        "time_zone: Asia/Shanghai\n"
        "currency: CNY\n"
    )


def _site_name(folder: Path) -> str:
    name = "".join(char if char.isascii() and char.isalnum() else "_" for char in folder.resolve().name.lower()).strip(
        "_"
    )
    return name if name[:1].isalpha() else f"site_{name}" if name else "site"
