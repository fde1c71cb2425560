"""Formatted texts, pictures and signatures: cleaned, drawn small, and read under the rule of their record."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from engine.services import people, setup
from engine.services.site import open_site
from engine.web.app import create_app
from tests.sites import write_site
from tests.web.conftest import FILES, Web

VISIT = """
    form: work.visit
    label: Visit
    title: "{name}"
    fields:
      name: {type: text, label: Name}
      report: {type: rich_text, label: Report}
      photo: {type: image, label: Photo}
      signed: {type: signature, label: Signature}
    access:
      staff: {see: own, create: true, change: own}
    owner: who
    """.replace("signed:", "who: {type: user, default: '=me'}\n      signed:")
REPORT = "<h3>Plan</h3><p onclick=x()>We <b>agree</b><script>alert(1)</script><img src=x onerror=y()></p>"


@pytest.fixture
def visits(tmp_path: Path) -> Iterator[Web]:
    """The site with visits: a report, a photo, a signature."""
    site = open_site(write_site(tmp_path, {**FILES, "forms/work/visit.yaml": VISIT}))
    setup.apply_company(site, "acme")
    for login in ("ann", "ben"):
        people.add_person(site.company("acme"), login=login, name=login.title(), roles=["staff"])
    yield Web(site, create_app(site))
    site.close()


def photo(**options: object) -> bytes:
    target = io.BytesIO()
    Image.new("RGB", (1200, 600), "teal").save(target, "JPEG", **options)  # type: ignore[arg-type]
    return target.getvalue()


def test_a_report_keeps_its_formatting_and_nothing_else(visits: Web) -> None:
    ann = visits.browser("ann")
    ann.post("/acme/work/visit/new", data={"name": "Rome", "report": REPORT + '<a href="javascript:x()">go</a>'})
    page = ann.get("/acme/work/visit/1").text
    assert "<h3>Plan</h3><p>We <b>agree</b></p>" in page
    assert not any(word in page for word in ("alert(1)", "onclick=x", "onerror", "javascript:x"))


def test_a_report_is_listed_as_words(visits: Web) -> None:
    ann = visits.browser("ann")
    ann.post("/acme/work/visit/new", data={"name": "Rome", "report": REPORT})
    listed = ann.get("/acme/work/visit?fields=name,report").text
    assert "Plan We agree" in listed


def test_a_report_typed_without_tags_stays_as_typed(visits: Web) -> None:
    ann = visits.browser("ann")
    ann.post("/acme/work/visit/new", data={"name": "Rome", "report": "1 < 2\nnext"})
    assert "<p>1 &lt; 2<br>next</p>" in ann.get("/acme/work/visit/1").text
    ann.post("/acme/work/visit/1/edit", data={"report": "<p><br></p>"})
    assert "1 &lt; 2" not in ann.get("/acme/work/visit/1").text.split('id="activity"')[0]


def test_a_photo_is_shown_small_without_its_exif(visits: Web) -> None:
    ann, exif = visits.browser("ann"), Image.Exif()
    exif[0x010F] = "Secret camera"
    sent = ann.post("/acme/files", data={"file": (io.BytesIO(photo(exif=exif)), "a.jpg", "image/jpeg")}).get_json()
    ann.post("/acme/work/visit/new", data={"name": "Rome", "photo": str(sent["id"])})
    assert f'src="{sent["thumbnail"]}"' in ann.get("/acme/work/visit/1").text
    small = ann.get(sent["thumbnail"])
    assert b"Secret camera" not in small.data
    assert Image.open(io.BytesIO(small.data)).size == (480, 240)
    assert small.headers["X-Content-Type-Options"] == "nosniff"
    original = ann.get(f"/acme/files/{sent['id']}", buffered=True)
    assert original.headers["Content-Disposition"].startswith("attachment")


def test_a_picture_is_not_for_those_who_do_not_see_its_record(visits: Web) -> None:
    ann = visits.browser("ann")
    sent = ann.post("/acme/files", data={"file": (io.BytesIO(photo()), "a.jpg", "image/jpeg")}).get_json()
    ann.post("/acme/work/visit/new", data={"name": "Rome", "photo": str(sent["id"])})
    assert visits.browser("ben").get(sent["thumbnail"]).status_code == 404


def test_what_only_claims_to_be_a_picture_is_not_drawn(visits: Web) -> None:
    ann = visits.browser("ann")
    fake = io.BytesIO(b"<svg onload=alert(1)>")
    sent = ann.post("/acme/files", data={"file": (fake, "a.png", "image/png")}).get_json()
    assert ann.get(sent["thumbnail"]).status_code == 404


def test_a_form_offers_a_pad_to_sign_on(visits: Web) -> None:
    page = visits.browser("ann").get("/acme/work/visit/new").text
    assert "data-signature" in page
    assert "data-rich" in page
