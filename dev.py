#!/usr/bin/env python3
"""Set up, run and test Weftwork with nothing but Python: everything lands in .venv beside this file.

    python3 dev.py run [--port 8081]    the demo site, ready to sign in
    python3 dev.py test [-k words]      the tests (what follows goes to pytest)
    python3 dev.py check                ruff and mypy
    python3 dev.py setup                only what run needs before it can start
    python3 dev.py lock                 compile requirements/*.txt again after pyproject.toml changed

Each step leaves a stamp in .venv and is repeated only when one of the files it depends on changed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
EXE = ".exe" if os.name == "nt" else ""
PYTHON = BIN / f"python{EXE}"
REQUIREMENTS = ROOT / "requirements"
DIST = ROOT / "engine" / "web" / "static" / "dist"
OLDEST = (3, 11)
MEMORY = Path("/dev/shm")  # noqa: S108 - pytest makes folders of its own there that nobody else may enter
MEMORY_NEEDED = 8 * 2**30


def say(text: str) -> None:
    """Print one line that stands out from what the tools print."""
    print(f"==> {text}", flush=True)


def call(*words: str | Path, environment: dict[str, str] | None = None) -> int:
    """Run a command in the repository; its exit code."""
    return subprocess.call([str(word) for word in words], cwd=ROOT, env=environment)


def capture(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command and keep what it prints."""
    return subprocess.run([str(word) for word in words], cwd=ROOT, capture_output=True, text=True, check=False)


def digest(files: Iterable[Path]) -> str:
    """One word that changes when the virtual environment's Python or any of `files` changes."""
    total = hashlib.sha256((VENV / "pyvenv.cfg").read_bytes())
    for file in sorted(files):
        if file.is_file():
            total.update(file.relative_to(ROOT).as_posix().encode())
            total.update(file.read_bytes())
    return total.hexdigest()


def once(name: str, files: Iterable[Path], step: Callable[[], None]) -> None:
    """Run `step` unless it was finished before with the same `files`."""
    mark = VENV / f".done-{name}"
    wanted = digest(files)
    if mark.is_file() and mark.read_text() == wanted:
        return
    step()
    mark.write_text(wanted)


def make_venv() -> None:
    """Make .venv, or say what is missing on this machine."""
    if sys.version_info < OLDEST:
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}.")
    if PYTHON.is_file():
        return
    say("making .venv")
    made = capture(sys.executable, "-m", "venv", "--clear", VENV)
    if made.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        sys.exit(
            "No virtual environment could be made. On Debian and Ubuntu: apt install python3-venv\n"
            + (made.stdout + made.stderr)[-600:]
        )


def pip_index() -> str:
    """The package index this person's pip is set to, or "": uv does not read pip's settings."""
    if os.environ.get("PIP_INDEX_URL"):
        return os.environ["PIP_INDEX_URL"]
    for name in ("install.index-url", "global.index-url"):
        asked = capture(PYTHON, "-m", "pip", "config", "get", name)
        if asked.returncode == 0 and asked.stdout.strip():
            return asked.stdout.strip()
    return ""


def uv_environment() -> dict[str, str]:
    """The environment for uv; a mirror set for pip goes along here only and is written nowhere."""
    environment = dict(os.environ)
    index = pip_index()
    if index:
        environment.setdefault("UV_DEFAULT_INDEX", index)
    return environment


def pip_install(*words: str) -> int:
    """Install with pip, quietly; its exit code."""
    return call(PYTHON, "-m", "pip", "install", "-q", "--disable-pip-version-check", *words)


def find_uv() -> Path | None:
    """uv inside .venv, installed from its pin when it is not there yet; None where uv cannot be had."""
    uv = BIN / f"uv{EXE}"
    if not uv.is_file():
        pip_install("--require-hashes", "-r", "requirements/uv.txt")
    return uv if uv.is_file() else None


def install(*names: str) -> None:
    """Install requirements/<name>.txt with their hashes: by uv, or by pip where uv fails."""
    say("installing " + ", ".join(names) + " packages")
    files = [word for name in names for word in ("-r", f"requirements/{name}.txt")]
    uv = find_uv()
    if uv is not None:
        command = [uv, "pip", "install", "-q", "--python", PYTHON, "--require-hashes", *files]
        if call(*command, environment=uv_environment()) == 0:
            return
        say("uv could not install them; trying pip")
    if pip_install("--require-hashes", *files):
        sys.exit("The packages could not be installed: see the lines above.")


def install_engine() -> None:
    """Install this repository itself in place; the build hook makes the browser assets."""
    say("building the browser assets")
    if pip_install("--no-deps", "--no-build-isolation", "-e", "."):
        sys.exit("Weftwork itself could not be installed: see the lines above.")


def frontend_files() -> list[Path]:
    """The files the browser assets are built from."""
    folder = ROOT / "frontend"
    return [
        *(file for file in folder.glob("*") if file.is_file()),
        *(file for file in (folder / "src").rglob("*") if file.is_file()),
    ]


def setup() -> None:
    """Everything that `run` needs: .venv, pinned packages, browser assets."""
    make_venv()
    packages = [REQUIREMENTS / "app.txt", REQUIREMENTS / "build.txt"]
    once("app", packages, lambda: install("app", "build"))
    if not (DIST / "manifest.json").is_file() and os.environ.get("WEFT_SKIP_FRONTEND") != "1":
        (VENV / ".done-engine").unlink(missing_ok=True)
    once("engine", [ROOT / "pyproject.toml", ROOT / "hatch_build.py", *frontend_files()], install_engine)


def setup_tests() -> None:
    """Everything that `test` and `check` need."""
    setup()
    once("test", [REQUIREMENTS / "test.txt"], lambda: install("test"))


def run(words: list[str]) -> int:
    """Serve the site in this folder until Ctrl+C."""
    setup()
    return call(BIN / f"weft{EXE}", "run", *words)


def test(words: list[str]) -> int:
    """Run the tests."""
    setup_tests()
    return call(PYTHON, "-m", "pytest", *words, environment=test_environment())


def test_environment() -> dict[str, str]:
    """The environment of the tests: their files lie in memory where there is room, so that no disk is waited for."""
    environment = dict(os.environ)
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED:
        environment.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))
    return environment


def check(words: list[str]) -> int:
    """Run ruff over everything and mypy over the engine."""
    setup_tests()
    return call(PYTHON, "-m", "ruff", "check", *words, ".") or call(PYTHON, "-m", "mypy", "--strict", "engine")


def lock(words: list[str]) -> int:
    """Pin every package again, with hashes and without a host name; `--upgrade` takes newer ones."""
    make_venv()
    uv = find_uv()
    if uv is None:
        sys.exit("uv is needed to compile the pins and could not be installed.")
    sources = {
        "app": ["pyproject.toml", "--extra", "postgres"],
        "build": ["--group", "build", "-c", "requirements/app.txt"],
        "test": ["--group", "test", "-c", "requirements/app.txt", "-c", "requirements/build.txt"],
        "uv": ["--group", "uv"],
    }
    options = ["--universal", "--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate", "-q"]
    for name, source in sources.items():
        target = f"requirements/{name}.txt"
        code = call(uv, "pip", "compile", *source, *options, *words, "-o", target, environment=uv_environment())
        if code:
            return code
    return 0


def main() -> int:
    """Run the command named first; the exit code of what it started."""
    commands = {"run": run, "test": test, "check": check, "lock": lock, "setup": lambda words: setup() or 0}
    name, *words = sys.argv[1:] or ["help"]
    if name not in commands:
        print(__doc__)
        return 0 if name in ("help", "-h", "--help") else 2
    try:
        return commands[name](words)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
