"""A generated expression as a tree of pieces, which prints itself and can be made smaller."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Piece:
    """`text` with {0}, {1} … for its parts. `place`: in which rows it stands; "" = the record itself."""

    text: str
    kind: str
    parts: tuple[Piece, ...] = ()
    place: str = ""

    def __str__(self) -> str:
        return self.text.format(*self.parts) if self.parts else self.text

    @property
    def size(self) -> int:
        """How many pieces it has."""
        return 1 + sum(part.size for part in self.parts)


SIMPLE = {
    "number": ("NULL", "0", "1"),
    "text": ("NULL", '"x"'),
    "boolean": ("FALSE", "TRUE"),
    "date": ("NULL", "DATE(2024, 2, 29)"),
    "datetime": ("NULL", "NOW()"),
}


def smaller(piece: Piece) -> Iterator[Piece]:
    """The piece with one of its pieces replaced by a part of the same kind, or by something simple."""
    for inner in _inside(piece):
        if inner.kind == piece.kind and inner.place == piece.place:
            yield inner
    if piece.parts:
        for simple in SIMPLE.get(piece.kind, ()):
            yield Piece(simple, piece.kind, place=piece.place)
    for at, part in enumerate(piece.parts):
        for less in smaller(part):
            yield replace(piece, parts=(*piece.parts[:at], less, *piece.parts[at + 1 :]))


def _inside(piece: Piece) -> Iterator[Piece]:
    for part in piece.parts:
        yield part
        yield from _inside(part)
