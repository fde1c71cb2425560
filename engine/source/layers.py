"""Which files define a site, and to which layer, app and company does each belong?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ENGINE_DEFINITIONS = Path(__file__).resolve().parent.parent / "catalog" / "definitions"
_FOLDERS = ("forms", "workflows", "dashboards", "data", "scenarios")
_ROLES = {"data": "rows", "scenarios": "scenario"}
_SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class Source:
    """One file. name: its path as messages show it. layer: engine | pack | site | company.

    app is the folder's app; owner the app that brings the file (an app of the pack may overlay another's forms).
    role: definition | app | company | rows (files of a data folder) | scenario (files of a scenarios folder).
    """

    path: Path
    name: str
    layer: str
    app: str
    owner: str
    company: str | None = None
    role: str = "definition"

    @property
    def stem(self) -> str:
        """The name that the file's id should have."""
        return self.path.name.rsplit(".", 1)[0]


@dataclass(frozen=True, slots=True)
class SiteSources:
    """All files of a site, by layer; `companies` holds those of each company folder."""

    root: Path
    site: Path
    shared: tuple[Source, ...]
    companies: Mapping[str, tuple[Source, ...]]

    def all_files(self) -> tuple[Source, ...]:
        """Every file but site.yaml."""
        return self.shared + tuple(source for sources in self.companies.values() for source in sources)


def find_layers(site_root: Path, pack_root: Path) -> SiteSources:
    """Every definition file under the engine, the pack and the site, in a fixed order."""
    shared = [
        *_app_folders(ENGINE_DEFINITIONS, "engine", site_root),
        *_app_folders(pack_root, "pack", site_root),
        *_site_files(site_root, None),
    ]
    companies = {
        folder.name: tuple(_site_files(site_root, folder.name))
        for folder in _folders(site_root / "forms" / "companies")
    }
    return SiteSources(site_root, site_root / "site.yaml", tuple(shared), companies)


def find_pack(site_root: Path) -> Path:
    """The pack in use: the site's own copy, else the one installed beside the engine."""
    own = site_root / "templates_pack"
    return own if own.is_dir() else Path(__file__).resolve().parent.parent.parent / "templates_pack"


def _app_folders(root: Path, layer: str, site_root: Path) -> Iterator[Source]:
    for folder in _folders(root):
        app = folder.name
        for path in _yaml_files(folder):
            yield Source(
                path, _shown(path, site_root), layer, app, app, role="app" if path.stem == "app" else "definition"
            )
        for kind in _FOLDERS:
            role = _ROLES.get(kind, "definition")
            for path in _yaml_files(folder / kind):
                yield Source(path, _shown(path, site_root), layer, app, app, role=role)
            for other in _folders(folder / kind):
                for path in _yaml_files(other):
                    yield Source(path, _shown(path, site_root), layer, other.name, app, role=role)


def _site_files(root: Path, company: str | None) -> Iterator[Source]:
    """The files of the site itself (company None) or of one company, folder by folder."""
    layer = "site" if company is None else "company"
    for kind in ("forms", "workflows", "dashboards"):
        base = root / kind if company is None else root / kind / "companies" / company
        if company is not None and kind == "forms":
            yield from _company_own(base, root, company)
        for folder in _folders(base):
            if folder.name in ("companies", "data", "scenarios"):
                continue
            for path in _yaml_files(folder):
                role = "app" if path.stem == "app" else "definition"
                yield Source(path, _shown(path, root), layer, folder.name, folder.name, company, role)
            for kind_of_rows, role in _ROLES.items():
                for path in _yaml_files(folder / kind_of_rows):
                    yield Source(path, _shown(path, root), layer, folder.name, folder.name, company, role)


def _company_own(base: Path, root: Path, company: str) -> Iterator[Source]:
    for path in _yaml_files(base):
        role = "company" if path.stem == "company" else "definition"
        yield Source(path, _shown(path, root), "company", "", "", company, role)
    for folder, role in _ROLES.items():
        for path in _yaml_files(base / folder):
            yield Source(path, _shown(path, root), "company", "", "", company, role)


def _folders(root: Path) -> list[Path]:
    if not root.is_dir():
        return []
    return sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith((".", "_")))


def _yaml_files(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if path.suffix in _SUFFIXES and path.is_file())


def _shown(path: Path, root: Path) -> str:
    """The path as messages show it: from the site's folder, else from the product's."""
    for base in (root, ENGINE_DEFINITIONS.parents[2]):
        if path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return path.name
