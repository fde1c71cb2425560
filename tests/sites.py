"""A site from a few lines of YAML, for every test that needs definitions."""

from __future__ import annotations

import tempfile
import textwrap
from collections.abc import Mapping
from pathlib import Path

from engine.catalog.build import build_catalog
from engine.catalog.catalog import Catalog
from engine.source.layers import find_layers
from engine.source.resolve import lay_over
from engine.source.resolved import Resolved
from engine.source.site_files import read_site

COMPANY = "acme"
_USUAL: Mapping[str, str] = {
    "site.yaml": "site: test\nlanguages: [en, zh]\ncompanies: [acme]\n",
    "forms/companies/acme/company.yaml": "company: acme\nlabel: Acme\napps: [crm]\nlanguage: en\n",
    "forms/crm/app.yaml": "app: crm\nlabel: CRM\nroles: {sales: Sales, manager: Manager, finance: Finance}\n",
}


def write_site(folder: Path, files: Mapping[str, str]) -> Path:
    """Writes the files under `folder`, with a site.yaml, a company `acme` and an app `crm` where they are left out.

    The site has an empty pack of its own: the product's need not be read.
    """
    (folder / "templates_pack").mkdir(parents=True, exist_ok=True)
    for name, text in {**_USUAL, **files}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text), encoding="utf-8")
    return folder


def resolve_site(folder: Path, company: str = COMPANY) -> Resolved:
    """The company's definitions after all layers, without the pack."""
    return lay_over(read_site(find_layers(folder, folder / "templates_pack")), company)


def build_test_catalog(files: Mapping[str, str], company: str = COMPANY) -> Catalog:
    """The catalog of a company of such a site; `files` as in write_site: {"forms/crm/task.yaml": "form: crm.task…"}."""
    with tempfile.TemporaryDirectory() as folder:
        return build_catalog(resolve_site(write_site(Path(folder), files), company))
