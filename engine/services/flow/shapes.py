"""What a drawing consists of: boxes, lines, marks and texts, with their colours; and the drawing as SVG.

Colours are attributes, not styles: the pages' content policy allows no inline styles.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from types import MappingProxyType

LINE_HEIGHT = MappingProxyType({"name": 20, "detail": 17, "heading": 16, "pill": 18})
SIZES = MappingProxyType({"name": 14, "detail": 12, "heading": 12, "pill": 13})
COLOURS: Mapping[str, tuple[str, str]] = MappingProxyType({  # box: fill and line
    "step": ("#ffffff", "#cbd5e1"),
    "passed": ("#f0fdf4", "#16a34a"),
    "current": ("#eff6ff", "#2563eb"),
    "branch": ("#fffbeb", "#f1c27d"),
    "parallel": ("#f5f3ff", "#c4b5fd"),
    "refused": ("#fef2f2", "#dc2626"),
    "heading": ("#ffffff", "#d6d3d1"),
    "taken": ("#f0fdf4", "#16a34a"),  # the heading of a list that was gone into
    "good": ("#dcfce7", "#16a34a"),
    "bad": ("#fee2e2", "#dc2626"),
    # the edge of a card that says what kind of step it is
    "start_edge": ("#64748b", "none"),
    "approve_edge": ("#4f46e5", "none"),
    "fill_edge": ("#0d9488", "none"),
    "cc_edge": ("#94a3b8", "none"),
    "auto_edge": ("#8b5cf6", "none"),
    "call_edge": ("#0284c7", "none"),
    "wait_edge": ("#d97706", "none"),
})  # fmt: skip
INK: Mapping[str, tuple[str, str]] = MappingProxyType({  # text: colour and weight
    "name": ("#0f172a", "600"),
    "detail": ("#475569", "400"),
    "heading": ("#57430b", "500"),
    "pill": ("#0f172a", "600"),
})  # fmt: skip
_MOST_LINES = 4


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle with round corners."""

    x: int
    y: int
    width: int
    height: int
    kind: str
    radius: int = 8
    shape: str = "box"

    @property
    def fill(self) -> str:
        """Its colour inside."""
        return COLOURS[self.kind][0]

    @property
    def line(self) -> str:
        """The colour of its edge."""
        return COLOURS[self.kind][1]

    @property
    def weight(self) -> str:
        """The width of its edge."""
        return "2" if self.kind in ("current", "refused") else "1"


@dataclass(frozen=True, slots=True)
class Arrow:
    """A way downwards."""

    x: int
    y: int
    length: int
    shape: str = "arrow"

    @property
    def path(self) -> str:
        """The line and its head."""
        end = self.y + self.length
        return f"M{self.x} {self.y}V{end}M{self.x - 4} {end - 5}L{self.x} {end}L{self.x + 4} {end - 5}"


@dataclass(frozen=True, slots=True)
class Mark:
    """Where the instance stands: a tick on a passed step, a dot on a current one, a cross on one that refused."""

    x: int
    y: int
    kind: str
    shape: str = "mark"

    @property
    def fill(self) -> str:
        """Its colour."""
        return COLOURS[self.kind][1]

    @property
    def path(self) -> str:
        """The tick or the cross; nothing for the dot."""
        if self.kind == "refused":
            return f"M{self.x - 3} {self.y - 3}l6 6m0 -6l-6 6"
        return f"M{self.x - 4} {self.y}l3 3l5 -6" if self.kind == "passed" else ""


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; `y` is its base line."""

    x: int
    y: int
    text: str
    kind: str
    centred: bool = False
    shape: str = "words"

    @property
    def size(self) -> int:
        """The size of its letters."""
        return SIZES[self.kind]

    @property
    def ink(self) -> str:
        """Its colour."""
        return INK[self.kind][0]

    @property
    def weight(self) -> str:
        """How bold it is."""
        return INK[self.kind][1]

    @property
    def anchor(self) -> str:
        """Which of its points `x` is."""
        return "middle" if self.centred else "start"


Shape = Box | Arrow | Mark | Words


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing; `title` and `told` say it to those who do not see it."""

    width: int
    height: int
    title: str
    told: str
    shapes: tuple[Shape, ...]


def as_svg(picture: Picture) -> str:
    """The drawing as the text of an SVG element."""
    size = f'viewBox="0 0 {picture.width} {picture.height}" width="{picture.width}" height="{picture.height}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" class="e-flow-picture" role="img" {size}>'
    told = f"<title>{escape(picture.title)}</title><desc>{escape(picture.told)}</desc>"
    return "".join([head, told, *(_element(shape) for shape in picture.shapes), "</svg>"])


def _element(shape: Shape) -> str:
    match shape:
        case Box():
            place = f'x="{shape.x}" y="{shape.y}" width="{shape.width}" height="{shape.height}" rx="{shape.radius}"'
            return f'<rect {place} fill="{shape.fill}" stroke="{shape.line}" stroke-width="{shape.weight}"/>'
        case Arrow():
            return f'<path d="{shape.path}" fill="none" stroke="#94a3b8" stroke-width="1.5"/>'
        case Mark():
            circle = f'<circle cx="{shape.x}" cy="{shape.y}" r="8" fill="{shape.fill}"/>'
            if not shape.path:
                return f'{circle}<circle cx="{shape.x}" cy="{shape.y}" r="3" fill="#ffffff"/>'
            return f'{circle}<path d="{shape.path}" fill="none" stroke="#ffffff" stroke-width="2"/>'
        case Words():
            look = f'font-size="{shape.size}" font-weight="{shape.weight}" fill="{shape.ink}"'
            place = f'x="{shape.x}" y="{shape.y}" text-anchor="{shape.anchor}"'
            return f"<text {place} {look}>{escape(shape.text)}</text>"


def wrapped(text: str, kind: str, room: int) -> tuple[str, ...]:
    """The text in lines that fit into `room`; what does not fit into four lines ends with …"""
    lines, line, used = [], "", 0.0
    for word in _words(text):
        wide = width_of(word, kind)
        if line and used + width_of(word.rstrip(), kind) > room:
            lines.append(line.rstrip())
            line, used = "", 0
            word = word.lstrip()
        line, used = line + word, used + wide
    lines.append(line.rstrip())
    if len(lines) > _MOST_LINES:
        lines = [*lines[: _MOST_LINES - 1], lines[_MOST_LINES - 1].rstrip("，, ") + " …"]
    return tuple(lines)


def width_of(text: str, kind: str) -> int:
    """About how wide the text is: Chinese characters fill their square, others about half of it."""
    return sum(_share(each) for each in text) * SIZES[kind] // 100


def _share(letter: str) -> int:
    """The width of a letter in hundredths of its size."""
    if unicodedata.east_asian_width(letter) in ("W", "F"):
        return 100
    if letter.isupper() or letter in "MWmw≥≤":
        return 72
    return 30 if letter in " .,:;'’|ilj" else 57


def _words(text: str) -> Iterator[str]:
    """Where a line may break: behind blanks, and between Chinese characters."""
    word = ""
    for letter in text:
        if unicodedata.east_asian_width(letter) in ("W", "F") and letter not in "，。、；：）”":
            if word:
                yield word
            word = letter
        elif letter == " ":
            yield word + letter
            word = ""
        else:
            word += letter
    if word:
        yield word
