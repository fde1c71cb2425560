"""Pictures shown small: drawn anew from the stored file, so that nothing else in it reaches a page."""

from __future__ import annotations

import io
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from engine.problems import NotVisible
from engine.runtime.actors import Actor
from engine.services.files import open_file
from engine.services.site import OpenCompany

SIDE = 480
MOST_PIXELS = 50_000_000  # a small file can claim to be a picture that fills the memory
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


def draw_thumbnail(company: OpenCompany, actor: Actor, file_id: int) -> bytes:
    """A PNG of at most 480 × 480 of a picture the actor may read, without its EXIF (place, camera); NotVisible when
    the file is none or is too large to draw.
    """
    opened = open_file(company, actor, file_id)
    drawn = _drawn(opened.path)
    if drawn is None:
        raise NotVisible(str(file_id))
    return drawn


def _drawn(path: Path) -> bytes | None:
    try:
        with Image.open(path, formats=_FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return None
            picture.draft("RGB", (SIDE, SIDE))
            small = ImageOps.exif_transpose(picture.convert("RGBA" if _is_clear(picture) else "RGB"))
            small.thumbnail((SIDE, SIDE))
            return _as_png(small)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _is_clear(picture: Image.Image) -> bool:
    return picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info


def _as_png(picture: Image.Image) -> bytes:
    """The pixels alone: what else the picture carried is left behind."""
    bare = Image.new(picture.mode, picture.size)
    bare.paste(picture)
    target = io.BytesIO()
    bare.save(target, "PNG", optimize=True)
    return target.getvalue()
