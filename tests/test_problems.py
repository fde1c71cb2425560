"""Every problem of a definition: one faulty site per code in tests/problems/<code>, with the exact text it gets.

A folder holds what differs from tests/problems/base. `command.txt`: what is asked instead of `check`. `without.txt`:
a file of the base that is left out. A name ending in .times: its last line says how often the line before is repeated.
After a wording has been changed on purpose, `WEFT_WRITE_EXPECTED=1 pytest tests/test_problems.py` writes the texts anew.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine.cli import main
from engine.problem_codes import PROBLEM_CODES

PROBLEMS = Path(__file__).resolve().parent / "problems"
OURS = ("S", "Y", "D", "O", "C", "FX", "WF")
NOTES = ("expected.txt", "command.txt", "without.txt")
WARNINGS = ("FX050", "FX051", "FX052", "FX053")
CODES = sorted(path.name for path in PROBLEMS.iterdir() if path.is_dir() and path.name != "base")


def test_every_code_of_definitions_has_a_faulty_site() -> None:
    codes = {code for code in PROBLEM_CODES if code.rstrip("0123456789") in OURS or code.startswith("B1")}
    assert sorted(codes ^ set(CODES)) == []


@pytest.mark.parametrize("code", CODES)
def test_a_faulty_site_gets_the_expected_text(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site(code, tmp_path / "site")
    monkeypatch.chdir(site)
    answer = CliRunner().invoke(main, [*asked(code), "--language", "en"], catch_exceptions=False)
    if os.environ.get("WEFT_WRITE_EXPECTED"):
        (PROBLEMS / code / "expected.txt").write_text(answer.output, encoding="utf-8")
    expected = (PROBLEMS / code / "expected.txt").read_text(encoding="utf-8")
    assert answer.output == expected
    assert f"[{code}]" in expected
    assert answer.exit_code == (0 if code in WARNINGS else 1)


@pytest.mark.parametrize("code", WARNINGS)
def test_strict_makes_a_warning_fail(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site(code, tmp_path / "site")
    monkeypatch.chdir(site)
    assert CliRunner().invoke(main, [*asked(code), "--strict"], catch_exceptions=False).exit_code == 1
    told = CliRunner().invoke(main, [*asked(code), "--json"], catch_exceptions=False)
    assert {problem["severity"] for problem in json.loads(told.output)["problems"]} == {"warning"}


@pytest.mark.parametrize("code", CODES)
def test_the_same_problem_is_told_in_chinese(code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = make_site(code, tmp_path / "site")
    monkeypatch.chdir(site)
    answer = CliRunner().invoke(main, [*asked(code), "--language", "zh"], catch_exceptions=False)
    word = "警告" if code in WARNINGS else "错误"
    assert f"{word}[{code}]: " in answer.output


def make_site(code: str, site: Path) -> Path:
    shutil.copytree(PROBLEMS / "base", site)
    (site / "templates_pack").mkdir()
    shutil.copytree(PROBLEMS / code, site, dirs_exist_ok=True)
    left_out = PROBLEMS / code / "without.txt"
    if left_out.exists():
        (site / left_out.read_text(encoding="utf-8").strip()).unlink()
    for path in sorted(site.rglob("*.times")):
        *first, repeated, times = path.read_text(encoding="utf-8").splitlines()
        path.with_suffix("").write_text("\n".join([*first, *[repeated] * int(times)]), encoding="utf-8")
    for name in NOTES:
        (site / name).unlink(missing_ok=True)
    return site


def asked(code: str) -> list[str]:
    command = PROBLEMS / code / "command.txt"
    return command.read_text(encoding="utf-8").split() if command.exists() else ["check"]
