"""Records in and out of the product as files, on one page for web and commands."""

from __future__ import annotations

from engine.services.exporting import export_records
from engine.services.importing import import_file

__all__ = ["export_records", "import_file"]
