"""The demo site of the repository as tests read it: its definition files, resolved and checked per company."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from engine.catalog.build import build_catalog
from engine.catalog.catalog import Catalog
from engine.source.layers import find_layers
from engine.source.resolve import lay_over
from engine.source.site_files import ReadSite, read_site
from engine.source.tree import Item, walk

ROOT = Path(__file__).resolve().parents[2]
COMPANIES = (
    "energy_integrator",
    "inspection_exporter",
    "instrument_maker",
    "hvac_manufacturer",
    "components_distributor",
    "hardware_seller",
)
LABELS = ("label", "help", "hint", "message", "note", "guidance", "confirm")


@cache
def read_demo_site() -> ReadSite:
    """Every definition file of the repository, read once."""
    return read_site(find_layers(ROOT, ROOT / "templates_pack"))


@cache
def demo_catalog(company: str) -> Catalog:
    """The checked definitions of one demo company."""
    return build_catalog(lay_over(read_demo_site(), company))


def texts(item: Item) -> Iterator[tuple[str, Item]]:
    """(place, text) of every text for people in a definition: labels, helps, messages, sentences of checks, roles."""
    for path, entry in walk(item):
        key = path[-1] if path else ""
        in_roles = len(path) == 2 and path[0] == "roles" and isinstance(path[1], str)
        in_check = len(path) > 1 and path[-2] == "check"
        if (key in LABELS or in_roles or in_check) and not _is_name(path, entry):
            yield str(entry.at), entry


def _is_name(path: tuple[str | int, ...], entry: Item) -> bool:
    """Whether the word stands for a field, a column or an option that happens to be called `note`."""
    return "type" in entry.map or (
        bool(path) and len(path) > 1 and path[-2] in ("with", "sets", "set", "columns", "fill")
    )
