"""The set-up script: steps are repeated only when they have to be, and a mirror set for pip reaches uv."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def dev(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """dev.py, at home in an empty folder."""
    spec = importlib.util.spec_from_file_location("dev", ROOT / "dev.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "pyvenv.cfg").write_text("version = 3.11.7\n")
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    return module


def test_a_step_runs_again_only_when_a_file_changed(dev: ModuleType, tmp_path: Path) -> None:
    pins, runs = tmp_path / "app.txt", []
    pins.write_text("flask==3\n")
    for _ in range(2):
        dev.once("app", [pins], lambda: runs.append("first"))
    pins.write_text("flask==4\n")
    dev.once("app", [pins], lambda: runs.append("second"))
    assert runs == ["first", "second"]


def test_a_step_that_failed_runs_again(dev: ModuleType, tmp_path: Path) -> None:
    def fail() -> None:
        raise SystemExit("no network")

    with pytest.raises(SystemExit):
        dev.once("app", [], fail)
    runs: list[str] = []
    dev.once("app", [], lambda: runs.append("again"))
    assert runs == ["again"]


def test_another_python_means_everything_again(dev: ModuleType, tmp_path: Path) -> None:
    before = dev.digest([])
    (tmp_path / ".venv" / "pyvenv.cfg").write_text("version = 3.12.1\n")
    assert dev.digest([]) != before


def test_a_mirror_set_for_pip_is_handed_to_uv(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    assert dev.uv_environment()["UV_DEFAULT_INDEX"] == "https://mirror.example/simple"


def test_what_is_set_for_uv_itself_wins(dev: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://own.example/simple")
    monkeypatch.setenv("PIP_INDEX_URL", "https://mirror.example/simple")
    assert dev.uv_environment()["UV_DEFAULT_INDEX"] == "https://own.example/simple"


def test_an_unknown_command_shows_the_known_ones() -> None:
    asked = subprocess.run([sys.executable, "dev.py", "fly"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert asked.returncode == 2
    assert "python3 dev.py run" in asked.stdout


def test_the_aliases_of_make_are_commands(dev: ModuleType) -> None:
    named = (ROOT / "Makefile").read_text().split(":")[0].split()
    assert {"run", "test"} <= set(named)
