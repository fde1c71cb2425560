"""Uploaded files: bytes on disk by their hash, readable by whoever sees a record that has them."""

from __future__ import annotations

import hashlib
import mimetypes
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from engine.problems import NotVisible, Problem, ProblemsFound
from engine.runtime.actors import Actor
from engine.runtime.work import Work
from engine.services.site import OpenCompany
from engine.services.views_of_pages import FileInfo, OpenedFile
from engine.storage.files import StoredFile, fetch_files, fields_with, keep_file, records_with
from engine.storage.selects import fetch_rows

LARGEST_MB = 25
_PIECE = 1 << 16
_UNNAMED = "file"


def store_file(company: OpenCompany, actor: Actor, filename: str, stream: BinaryIO, media_type: str | None) -> FileInfo:
    """Keep a file that a record will have later; until a save binds it only its uploader can read it.

    Raises ProblemsFound R112 above 25 MB. The name is kept for people, never used as a path.
    """
    name = _plain_name(filename)
    kept_type = media_type if media_type else mimetypes.guess_type(name)[0] or "application/octet-stream"
    sha256, size = _keep_bytes(company.files_root, stream)
    with company.writing(actor, "upload") as work:
        file_id = keep_file(work.uow, sha256, name, kept_type[:120], size)
        return FileInfo(file_id, name, kept_type, size, work.uow.now, actor.id)


def open_file(company: OpenCompany, actor: Actor, file_id: int) -> OpenedFile:
    """A file and where its bytes lie; NotVisible unless the actor sees it somewhere or uploaded it just now."""
    with company.reading(actor) as work:
        stored = fetch_files(work.uow.connection, work.uow.database, [file_id]).get(file_id)
        if stored is None or not _may_read(work, stored):
            raise NotVisible(str(file_id))
    path = _place(company.files_root, stored.sha256)
    if not path.is_file():
        raise NotVisible(str(file_id))
    return OpenedFile(file_info(stored), path)


def file_info(stored: StoredFile) -> FileInfo:
    """What pages show of a stored file."""
    return FileInfo(stored.id, stored.name, stored.media_type, stored.size, stored.stored_at, stored.stored_by)


def _may_read(work: Work, stored: StoredFile) -> bool:
    if not stored.bound and stored.stored_by == work.actor.id:
        return True
    connection, database = work.uow.connection, work.uow.database
    beside = [(form_id, record_id, None) for form_id, record_id in records_with(connection, database, stored.id)]
    return any(_sees(work, *place) for place in (*beside, *fields_with(connection, database, stored.id)))


def _sees(work: Work, form_id: str, record_id: int, field_id: str | None) -> bool:
    try:
        rights = work.form_rights(form_id)
    except NotVisible:
        return False
    if field_id is not None and field_id not in rights.see:
        return False
    fields = (field_id,) if field_id is not None else ()
    rows = fetch_rows(work.uow.connection, work.query(form_id).with_ids([record_id]).columns(fields).page(1)).records
    return bool(rows) and (field_id is None or field_id not in rows[0].unseen)


def _plain_name(filename: str) -> str:
    """The last part of the name without control characters, at most 200 characters."""
    last = filename.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(char for char in last if char.isprintable()).strip(". ")[-200:] or _UNNAMED


def _keep_bytes(root: Path, stream: BinaryIO) -> tuple[str, int]:
    """Write the bytes beside their final place first: a file is there whole or not at all. Hash and size in bytes."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    handle, unfinished = tempfile.mkstemp(dir=root)
    try:
        with os.fdopen(handle, "wb") as target:
            while piece := stream.read(_PIECE):
                size += len(piece)
                if size > LARGEST_MB << 20:
                    raise ProblemsFound([Problem("R112", {"most": LARGEST_MB}, pointer="file")])
                digest.update(piece)
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        place = _place(root, digest.hexdigest())
        place.parent.mkdir(exist_ok=True, mode=0o700)
        Path(unfinished).replace(place)
    finally:
        Path(unfinished).unlink(missing_ok=True)
    return digest.hexdigest(), size


def _place(root: Path, sha256: str) -> Path:
    return root / sha256[:2] / sha256
