"""python -m engine: the same as the command weft."""

from __future__ import annotations

from engine.cli import main

main()
