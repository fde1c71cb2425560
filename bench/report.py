"""What was measured, as a table for people and as JSON for programs, each with its verdict."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from bench.measure import Compared


@dataclass(frozen=True)
class Figure:
    """One number on its own. `limit` None = told, not judged; `least` True = the more the better."""

    name: str
    value: float
    unit: str
    limit: float | None = None
    least: bool = False

    @property
    def kept(self) -> bool | None:
        """Whether the target holds; None where there is none."""
        if self.limit is None:
            return None
        return self.value >= self.limit if self.least else self.value <= self.limit


@dataclass(frozen=True)
class Report:
    """Everything of one run."""

    database: str
    rows: int
    compared: tuple[Compared, ...]
    figures: tuple[Figure, ...]

    @property
    def missed(self) -> int:
        """How many targets do not hold."""
        return sum(each.kept is False for each in (*self.compared, *self.figures))


def verdict(kept: bool | None) -> str:  # noqa: FBT001
    """A word for a table."""
    return "" if kept is None else "ok" if kept else "MISSED"


def as_text(report: Report) -> str:
    """Two tables and a closing line."""
    lines = [
        f"{report.database}, {report.rows:,} service records, milliseconds; one client, then eight",
        "",
        f"{'':44}{'ours':>17}{'by hand':>17}{'ratio':>8}{'':6}{'requests/s':>16}",
        f"{'':44}{'p50':>8} {'p95':>8}{'p50':>8} {'p95':>8}{'p50':>8}{'':6}{'ours':>8}{'by hand':>8}",
    ]
    for each in report.compared:
        limit = f"≤{each.at_most:g}" if each.at_most is not None else ""
        lines.append(
            f"{each.name:44}{each.ours.p50:8.1f} {each.ours.p95:8.1f}{each.theirs.p50:8.1f} {each.theirs.p95:8.1f}"
            f"{each.ratio:8.2f} {limit:5}{each.rates[0]:8.0f}{each.rates[1]:8.0f}  {verdict(each.kept)}"
        )
    lines += ["", f"{'':58}{'measured':>12}{'target':>12}"]
    for figure in report.figures:
        limit = "" if figure.limit is None else ("≥ " if figure.least else "≤ ") + f"{figure.limit:g}"
        lines.append(f"{figure.name:58}{figure.value:12.1f}{limit:>12} {figure.unit:7}{verdict(figure.kept)}")
    judged = sum(each.kept is not None for each in (*report.compared, *report.figures))
    return "\n".join([*lines, "", f"{judged - report.missed} of {judged} targets reached"])


def as_data(report: Report) -> dict[str, object]:
    """The same for JSON."""
    return {
        "database": report.database,
        "rows": report.rows,
        "compared": [{**asdict(each), "ratio": each.ratio, "kept": each.kept} for each in report.compared],
        "figures": [{**asdict(each), "kept": each.kept} for each in report.figures],
        "missed": report.missed,
    }
