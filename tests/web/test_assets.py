"""Built files go out compressed to browsers that take it; pages do not."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from engine.web import assets
from tests.web.conftest import Web


@pytest.fixture
def built(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Web:
    """The site with one built file and its compressed twin."""
    folder = tmp_path / "static" / "dist"
    folder.mkdir(parents=True)
    (folder / "app-X1.js").write_text("let plain = 1")
    (folder / "app-X1.js.gz").write_bytes(gzip.compress(b"let plain = 1"))
    (folder / "inter.woff2").write_bytes(b"font")
    monkeypatch.setattr(assets, "STATIC", tmp_path / "static")
    web.app.static_folder = str(tmp_path / "static")
    return web


def test_a_built_file_is_sent_compressed_and_kept_for_good(built: Web) -> None:
    answer = built.visitor().get("/static/dist/app-X1.js", headers={"Accept-Encoding": "gzip, br"}, buffered=True)
    assert gzip.decompress(answer.data) == b"let plain = 1"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_a_browser_that_takes_no_gzip_gets_the_file_itself(built: Web) -> None:
    answer = built.visitor().get("/static/dist/app-X1.js", headers={"Accept-Encoding": "gzip;q=0"}, buffered=True)
    assert answer.data == b"let plain = 1"
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Vary"] == "Accept-Encoding"
    font = built.visitor().get("/static/dist/inter.woff2", headers={"Accept-Encoding": "gzip"}, buffered=True)
    assert font.data == b"font"


def test_pages_are_never_compressed(built: Web) -> None:
    page = built.browser("ann").get("/acme/", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in page.headers
