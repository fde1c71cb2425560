"""Built browser files by their plain names, and icons as inline SVG."""

from __future__ import annotations

import json
import mimetypes
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, Response, request
from markupsafe import Markup, escape

STATIC = Path(__file__).parent / "static"
_FALLBACK_ICON = "circle"


@dataclass(frozen=True, slots=True)
class Assets:
    """`files` maps "app.js" to its hashed path; `icons` maps an icon's name to what stands inside its <svg>."""

    files: Mapping[str, str]
    icons: Mapping[str, str]

    @property
    def built(self) -> bool:
        """False when the browser files have never been built."""
        return bool(self.files)

    def asset(self, name: str) -> str:
        """The address of the built file `name`."""
        return f"/static/dist/{self.files.get(name, name)}"

    def icon(self, name: str, cls: str = "") -> Markup:
        """The outline icon `name` as SVG; a circle when there is none of that name."""
        inner = self.icons.get(name) or self.icons.get(_FALLBACK_ICON, "")
        return Markup(  # noqa: S704 - the drawing comes from our own build, the class is escaped
            '<svg class="e-icon {}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
            ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{}</svg>'
        ).format(escape(cls), Markup(inner))  # noqa: S704


class StaticFlask(Flask):
    """A Flask that serves built files compressed, as the build left them, to browsers that take gzip.

    Only these: a page holds secrets (tokens) beside texts that others wrote, and its compressed length would tell
    an eavesdropper about them (BREACH). Built files are the same for everybody.
    """

    def send_static_file(self, filename: str) -> Response:
        """The file, or its compressed twin where there is one."""
        takes_gzip = request.accept_encodings["gzip"] > 0
        if not takes_gzip or not (STATIC / "dist" / f"{Path(filename).name}.gz").is_file():
            return _varied(super().send_static_file(filename))
        answer = super().send_static_file(f"{filename}.gz")
        answer.mimetype = mimetypes.guess_type(filename)[0] or "application/octet-stream"
        answer.content_encoding = "gzip"
        return _varied(answer)


def _varied(answer: Response) -> Response:
    answer.vary.add("Accept-Encoding")
    return answer


def load_assets() -> Assets:
    """What the last build left; empty when there was none."""
    return Assets(_read(STATIC / "dist" / "manifest.json"), _read(STATIC / "dist" / "icons.json"))


def _read(path: Path) -> Mapping[str, str]:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
