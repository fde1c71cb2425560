"""Files: uploaded first, bound by the save that uses them, read under the rule of the record they belong to."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from engine.problems import NotVisible, Problem, ProblemsFound
from engine.runtime.actors import SYSTEM, Actor
from engine.runtime.work import Work
from engine.services.site import OpenCompany
from engine.services.views_of_pages import FileInfo, OpenedFile
from engine.storage.files import (
    StoredFile,
    attach_file,
    drop_unused_files,
    fetch_files,
    fields_with,
    keep_file,
    records_with,
)
from engine.storage.selects import fetch_rows, fetch_total

LARGEST = 25 * 1024 * 1024
CHUNK = 1024 * 1024
LONGEST_NAME = 120
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\:*?\"<>|\u202a-\u202e\u2066-\u2069]")
_MEDIA = re.compile(r"[a-z]+/[a-z0-9.+\-]{1,80}\Z")


def store_file(company: OpenCompany, actor: Actor, filename: str, stream: BinaryIO, media_type: str) -> FileInfo:
    """Keep an uploaded file; R112 when it is too large. It belongs to the uploader until a record is saved with it."""
    path, sha256, size = _write(company.files_root, stream)
    target = file_path(company.files_root, sha256)
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.replace(target)
    name = safe_name(filename)
    kind = media_type.lower() if _MEDIA.match(media_type.lower()) else "application/octet-stream"
    with company.writing(actor, "upload") as work:
        file_id = keep_file(work.uow, sha256, name, kind, size)
        return FileInfo(file_id, name, kind, size, work.uow.now, actor.id)


def open_file(company: OpenCompany, actor: Actor, file_id: int) -> OpenedFile:
    """A file the actor may read: uploaded by them and not yet used, or of a record and field they see;
    else NotVisible.
    """
    with company.reading(actor) as work:
        found = fetch_files(work.uow.connection, work.uow.database, [file_id]).get(file_id)
        if found is None or not _may_read(work, found):
            raise NotVisible(str(file_id))
    path = file_path(company.files_root, found.sha256)
    if not path.exists():
        raise NotVisible(str(file_id))
    return OpenedFile(file_info(found, found.stored_at, found.stored_by), path)


def drop_unused(company: OpenCompany) -> int:
    """Drop uploads that no record took within a day, and what broken uploads left: how many files are gone."""
    gone = 0
    with company.writing(SYSTEM, "tidy") as work:
        before = work.uow.now - timedelta(days=1)
        for sha256 in drop_unused_files(work.uow, before):
            gone += _remove_older(file_path(company.files_root, sha256), before)
    for path in company.files_root.glob("tmp*"):
        gone += _remove_older(path, before)
    return gone


def _remove_older(path: Path, before: datetime) -> int:
    """1 when the file is gone now; bytes that were uploaded again since are kept."""
    try:
        if path.stat().st_mtime >= before.timestamp():
            return 0
        path.unlink()
    except FileNotFoundError:
        return 0
    return 1


def file_infos(company: OpenCompany, actor: Actor, ids: Iterable[int]) -> dict[int, FileInfo]:
    """Names and sizes of files that a record the actor sees holds; the caller has read the record."""
    with company.reading(actor) as work:
        found = fetch_files(work.uow.connection, work.uow.database, ids)
    return {each.id: file_info(each, each.stored_at, each.stored_by) for each in found.values()}


def file_path(root: Path, sha256: str) -> Path:
    """Where the bytes of a file lie."""
    return root / sha256[:2] / sha256


def safe_name(filename: str) -> str:
    """A file name without path, control or direction characters, at most 120 characters with its ending."""
    name = _UNSAFE.sub("_", filename.replace("\\", "/").rsplit("/", 1)[-1]).strip(" .") or "file"
    stem, dot, ending = name.rpartition(".")
    if not dot or len(ending) > 20:
        return name[:LONGEST_NAME]
    return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"


def file_info(found: StoredFile, at: datetime | None, by: int | None) -> FileInfo:
    """A stored file as shown, with when and by whom it was put where it is."""
    return FileInfo(found.id, found.name, found.media_type, found.size, at, by)


def require_usable(work: Work, ids: Iterable[int], known: frozenset[int]) -> None:
    """V132 unless each file was uploaded by the actor, or is among the `known` ones of the record."""
    wanted = set(ids) - known
    found = fetch_files(work.uow.connection, work.uow.database, wanted)
    for each in sorted(wanted):
        stored = found.get(each)
        if stored is None or (stored.stored_by != work.actor.id and not work.actor.system):
            raise ProblemsFound([Problem("V132", {"label": {"en": "File", "zh": "文件"}})])


def attach(work: Work, form_id: str, record_id: int, file_id: int) -> None:
    """Put a file beside a record."""
    attach_file(work.uow, form_id, record_id, file_id)


def _may_read(work: Work, found: StoredFile) -> bool:
    if found.stored_by == work.actor.id and not found.bound:
        return True
    uow = work.uow
    for form_id, record_id in records_with(uow.connection, uow.database, found.id):
        if work.rights.see(form_id) is not None and _sees_record(work, form_id, record_id):
            return True
    return any(_sees_field(work, *place) for place in fields_with(uow.connection, uow.database, found.id))


def _sees_record(work: Work, form_id: str, record_id: int) -> bool:
    return fetch_total(work.uow.connection, work.query(form_id).with_ids([record_id]), 1)[0] > 0


def _sees_field(work: Work, form_id: str, record_id: int, field: str) -> bool:
    right = work.rights.see(form_id)
    if right is None or field not in right.fields:
        return False
    query = work.query(form_id).with_ids([record_id]).columns((field,)).page(1)
    rows = fetch_rows(work.uow.connection, query).records
    return bool(rows) and field not in rows[0].unseen


def _write(root: Path, stream: BinaryIO) -> tuple[Path, str, int]:
    """The bytes in a temporary file of the store, their hash and number; nothing is left when they are too many."""
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    digest, size = hashlib.sha256(), 0
    handle, name = tempfile.mkstemp(dir=root)
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as target:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                if size > LARGEST:
                    raise ProblemsFound([Problem("R112", {"most": LARGEST // CHUNK})])
                digest.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return path, digest.hexdigest(), size
