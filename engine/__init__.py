"""Weftwork: business applications woven from YAML definitions."""

__version__ = "0.1.0"
