"""Demo companies on SQLite, prepared once in a run of the tests: every test that starts from one gets a copy."""

from __future__ import annotations

import fcntl
import shutil
from pathlib import Path

import pytest

from engine.services.setup import prepare_demo
from engine.services.site import open_site

ROOT = Path(__file__).resolve().parent.parent
PARTS = ("site.yaml", "forms", "workflows", "dashboards", "templates_pack")


def link_site(folder: Path) -> Path:
    """A folder with the repository's definitions and a `var` of its own."""
    folder.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        (folder / part).symlink_to(ROOT / part)
    return folder


def copy_prepared(company: str, folder: Path, factory: pytest.TempPathFactory) -> None:
    """Puts the data of a prepared company into the site in `folder`; prepares it when no other test has done so."""
    source = _prepared(company, _shared(factory))
    shutil.copytree(source / "var" / company, folder / "var" / company)


def _shared(factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run have in common."""
    base = factory.getbasetemp()
    return (base.parent if base.name.startswith("popen-") else base) / "prepared"


def _prepared(company: str, shared: Path) -> Path:
    shared.mkdir(exist_ok=True)
    done = shared / company
    with (shared / f"{company}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.is_dir():
            draft = shared / f"{company}.draft"
            shutil.rmtree(draft, ignore_errors=True)
            site = open_site(link_site(draft))
            problems = prepare_demo(site, company, lambda text, rows: None)
            site.close()
            assert [(problem.pointer, problem.message()) for problem in problems] == []
            draft.rename(done)
    return done
