"""Holds the code to its architecture: who imports whom, how long things may be, what must never be written."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ENGINE = ROOT / "engine"

BASE = {"problems", "problem_codes", "values"}
MAY_IMPORT = {
    "problem_codes": set(),
    "problems": {"problem_codes"},
    "values": {"problems", "problem_codes"},
    "expressions": BASE,
    "source": BASE,
    "catalog": BASE | {"expressions", "source"},
    "storage": BASE | {"expressions", "catalog"},
    "runtime": BASE | {"expressions", "catalog", "storage"},
    "services": BASE | {"source", "catalog", "storage", "runtime"},
    "web": BASE | {"catalog", "services"},
    "cli": {"problems", "problem_codes", "services", "web"},
}
THIRD_PARTIES = {
    "problem_codes": set(),
    "problems": set(),
    "values": set(),
    "expressions": {"simpleeval", "sqlalchemy"},
    "source": {"yaml", "jsonschema", "referencing"},
    "catalog": {"sqlalchemy", "nh3"},
    "storage": {"sqlalchemy", "pypinyin", "psycopg"},
    "runtime": set(),
    "services": {"argon2", "xlsxwriter", "babel", "PIL"},
    "web": {"flask", "markupsafe", "werkzeug", "wtforms", "babel", "structlog"},
    "cli": {"click", "waitress", "structlog"},
}
# What a person, not the import table, decided: a name used from a part although the table says no, and why.
EXCEPTIONS: dict[tuple[str, str], str] = {
    ("engine/services/texts.py", "yaml"): "the interface's own texts are YAML, but no definitions",
}
# Jinja2 works through Flask; tzdata is read by zoneinfo where the system has no zones; pypinyin is imported by its
# name, after its settings have been made; holidays by its name where a calendar is first asked for.
SHIPPED_WITHOUT_IMPORT = {"holidays", "jinja2", "pypinyin", "tzdata"}
DISTRIBUTION_NAMES = {"argon2-cffi": "argon2", "pyyaml": "yaml", "pillow": "PIL"}

LONGEST_FUNCTION = 50
LONGEST_FILE = 400
FORBIDDEN = {
    r"\byaml\.(load|unsafe_load|full_load)\(": "read YAML through engine/source",
    r"\bfrom_string\(": "templates come from files",
    r"\bMarkup\(": "text is escaped by the templates",
    r"\|\s*safe\b": "text is escaped by the templates",
    r"(?<![\w.])(eval|exec)\(": "expressions are interpreted",
    r"\bpickle\b": "rows and definitions are stored as text",
    r"shell\s*=\s*True": "commands are lists of words",
    r"\btext\(f[\"']": "SQL is built by SQLAlchemy",
    r"redirect\(request\.": "redirects go to addresses of our own",
    r"\butcnow\(|datetime\.now\(\)": "moments are aware and come from the clock",
    r"\bfloat\(": "numbers are decimal",
}
# Where a forbidden-looking word is right, with the reason.
ALLOWED = {
    ("engine/services/texts.py", r"\byaml\.(load|unsafe_load|full_load)\("): "our own texts, by a safe loader either way",
    ("engine/expressions/generating.py", r"(?<![\w.])(eval|exec)\("): "runs trees of names that were counted there",
    ("engine/expressions/sql_writer.py", r"\bfloat\("): "as approximate as SQLite's own arithmetic at that place",
    ("engine/web/rich_text.py", r"\bMarkup\("): "formatted text, cleaned by a list of tags at that very place",
    ("engine/web/assets.py", r"\bMarkup\("): "inlines icons of our own build, never a person's text",
}
BUSINESS_WORDS = ("customer", "opportunity", "salesperson", "quotation", "invoice", "supplier", "warehouse", "tender", "crm")
MACHINE_TRACES = re.compile(
    r"(?<![\w.])/(home|work|root|Users|tmp)/\w|[\w-]+\.pythonhosted\.org|registry\.npmjs\.org|\bpypi\.org/simple|/opt/pypi"
)
TEXT_ENDINGS = {".py", ".yaml", ".yml", ".md", ".toml", ".txt", ".json", ".js", ".mjs", ".css", ".html", ".csv", ""}
SKIPPED_FOLDERS = {".git", ".venv", "node_modules", "dist", "var", "__pycache__", "build"}


def engine_modules() -> list[Path]:
    return sorted(ENGINE.rglob("*.py"))


def repository_files() -> Iterator[Path]:
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden_tool = any(part.startswith(".") and part.endswith("_cache") or part == ".hypothesis" for part in parts)
        if path.is_file() and not SKIPPED_FOLDERS.intersection(parts) and not hidden_tool:
            yield path


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def part_of(path: Path) -> str:
    """The row of the table a module belongs to: engine/storage/tables.py → storage, engine/cli_site.py → cli."""
    first = path.relative_to(ENGINE).parts[0].removesuffix(".py")
    return "cli" if first.startswith("cli") else first


def imported_names(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level:
            raise AssertionError(f"{name_of(path)}:{node.lineno}: write the import in full, from engine on")
        elif isinstance(node, ast.ImportFrom) and node.module == "engine":
            yield from ((f"engine.{alias.name}", node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, node.lineno


def test_parts_import_only_downwards() -> None:
    wrong = []
    for path in engine_modules():
        part = part_of(path)
        if part in ("__init__", "__main__"):
            continue
        for name, line in imported_names(path):
            if not name.startswith("engine."):
                continue
            other = name.split(".")[1]
            other = "cli" if other.startswith("cli") else other
            if other != part and other not in MAY_IMPORT[part] and (name_of(path), other) not in EXCEPTIONS:
                wrong.append(f"{name_of(path)}:{line} imports {name}")
    assert wrong == []


def test_third_parties_stay_in_their_part() -> None:
    wrong = []
    for path in engine_modules():
        part = part_of(path)
        for name, line in imported_names(path):
            top = name.split(".")[0]
            if top in ("engine", *sys.stdlib_module_names) or top in THIRD_PARTIES.get(part, set()):
                continue
            if (name_of(path), top) not in EXCEPTIONS:
                wrong.append(f"{name_of(path)}:{line} imports {name}")
    assert wrong == []


def test_what_is_imported_is_what_is_depended_on() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = {re.split(r"[\[>=<]", line)[0] for line in project["dependencies"]} - SHIPPED_WITHOUT_IMPORT
    named = {DISTRIBUTION_NAMES.get(name, name.replace("-", "_")) for name in wanted}
    used = {name.split(".")[0] for path in engine_modules() for name, _ in imported_names(path)}
    assert named == used - {"engine"} - sys.stdlib_module_names - {"psycopg"}


def test_functions_and_files_stay_short() -> None:
    long = []
    for path in [*engine_modules(), *(ROOT / "bench").glob("*.py"), ROOT / "dev.py", ROOT / "hatch_build.py"]:
        source = path.read_text(encoding="utf-8")
        if source.count("\n") > LONGEST_FILE:
            long.append(f"{name_of(path)}: {source.count(chr(10))} lines")
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                lines = node.end_lineno - node.lineno + 1
                if lines > LONGEST_FUNCTION:
                    long.append(f"{name_of(path)}:{node.lineno}: {node.name} has {lines} lines")
    assert long == []


def test_every_module_says_which_question_it_answers() -> None:
    silent = [
        name_of(path) for path in engine_modules()
        if path.stat().st_size and ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) is None
    ]
    assert silent == []


@pytest.mark.parametrize("pattern", sorted(FORBIDDEN))
def test_dangerous_things_are_not_written(pattern: str) -> None:
    found = []
    for path in [*engine_modules(), *sorted((ENGINE / "web" / "templates").rglob("*.html"))]:
        if (name_of(path), pattern) in ALLOWED:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if re.search(pattern, line.split("  # ")[0]):
                found.append(f"{name_of(path)}:{number}: {line.strip()} ({FORBIDDEN[pattern]})")
    assert found == []


def spoken_words(path: Path) -> Iterator[tuple[int, str]]:
    """Names and strings of a module with their lines; docstrings and comments may give examples."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.lineno, node.value
        for name in ("id", "attr", "arg", "name"):
            value = getattr(node, name, None)
            if isinstance(value, str):
                yield getattr(node, "lineno", 0), value


def test_the_engine_knows_no_business_word() -> None:
    words = re.compile(r"(?<![a-z])(" + "|".join(BUSINESS_WORDS) + r")s?(?![a-z])", re.IGNORECASE)
    found = [
        f"{name_of(path)}:{line}: {text}" for path in engine_modules()
        for line, text in spoken_words(path) if words.search(text)
    ]
    for path in [*ENGINE.rglob("*.html"), *ENGINE.rglob("*.yaml")]:
        lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        found += [f"{name_of(path)}:{number}: {line}" for number, line in lines if words.search(line.split("# ")[0])]
    assert sorted(found) == []


def test_nothing_names_a_machine_or_a_package_host() -> None:
    found = []
    for path in repository_files():
        if path.suffix not in TEXT_ENDINGS or path == Path(__file__):
            continue
        text = path.read_bytes().decode("utf-8", errors="replace")
        found += [
            f"{name_of(path)}:{number}" for number, line in enumerate(text.splitlines(), 1) if MACHINE_TRACES.search(line)
        ]
    assert found == []


def test_pinned_packages_have_hashes_and_no_address() -> None:
    for path in sorted((ROOT / "requirements").glob("*.txt")):
        text = path.read_text(encoding="utf-8")
        assert "http" not in text, path.name
        pins = re.findall(r"^[\w.-]+(?:\[[\w,-]+\])?==", text, re.MULTILINE)
        entries = re.split(r"\n(?=\S)", text.strip())
        assert pins
        assert [entry.splitlines()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_browser_packages_are_pinned_without_an_address() -> None:
    lock = (ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert '"integrity"' in lock
