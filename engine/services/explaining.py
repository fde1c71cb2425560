"""Every computed value explains itself: in words, by its parts, down to the records a reader may see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal

from engine.catalog import field_types
from engine.catalog.forms import Field
from engine.problems import NotVisible
from engine.runtime.actors import Actor
from engine.runtime.explaining import Explained, Part, Target, as_kept, explain_value, fetch_page
from engine.runtime.work import Work
from engine.services.one_record import fetch_view
from engine.services.reading import Titles, fetch_title_map
from engine.services.site import OpenCompany
from engine.services.views_of_explaining import Explanation, PartView, SourceList, SourceView
from engine.services.views_of_records import LINK_TYPES, RecordView, links_in
from engine.storage.source_rows import SourcePage, SourceRow
from engine.values import in_language

PAGE = 20
TRIMMED_PLACES = 2


def explain(
    company: OpenCompany, actor: Actor, form_id: str, record_id: int, key: str, row: int | None, language: str
) -> Explanation:
    """The explanation of a computed field; `key` is "amount", or "lines.amount" of the row `row` of lines.

    NotVisible for what is not there, not computed or not to be seen, all the same.
    """
    with company.reading(actor) as work:
        target, view = _find(work, form_id, record_id, key, row)
        explained = explain_value(work, target, language)
        return _Telling(work, explained, view, language).explanation()


def more_sources(
    company: OpenCompany, actor: Actor, form_id: str, record_id: int, key: str, index: int, after: int, language: str
) -> SourceList | None:
    """The records behind an aggregate of the explanation, from the `after`-th on."""
    with company.reading(actor) as work:
        target, view = _find(work, form_id, record_id, key, None)
        explained = explain_value(work, target, language)
        if not 0 <= index < len(explained.aggregates):
            raise NotVisible(str(index))
        part = next(each for each in _walk(explained.root) if each.aggregate == index)
        return _Telling(work, explained, view, language).sources(part, after)


def _find(work: Work, form_id: str, record_id: int, key: str, row: int | None) -> tuple[Target, RecordView]:
    """The computed field, on a record that the reader sees."""
    rights = work.form_rights(form_id)
    lines, _, name = key.rpartition(".")
    fields = rights.form.fields[lines].fields if lines in rights.form.fields else rights.form.fields
    definition = fields.get(name)
    view = fetch_view(work, form_id, record_id, page=False)
    known = key in rights.see and key not in view.unseen and (lines or key) not in view.unseen
    if definition is None or definition.formula is None or not known or bool(lines) != (row is not None):
        raise NotVisible(key)
    line = (lines, row) if row is not None else None
    if line is not None and _row(view, lines, line[1]) is None:
        raise NotVisible(key)
    return Target(form_id, record_id, definition, line), view


def _row(view: RecordView, lines: str, row: int) -> dict[str, object] | None:
    rows = view.values.get(lines)
    return next((each for each in rows if each.get("id") == row), None) if isinstance(rows, list) else None


def _walk(part: Part) -> Iterator[Part]:
    yield part
    for each in part.parts:
        yield from _walk(each)


@dataclass(frozen=True, slots=True)
class _Telling:
    """Turns an explained value into what its reader is shown."""

    work: Work
    explained: Explained
    view: RecordView
    language: str
    _titles: Titles = field(default_factory=dict)

    def explanation(self) -> Explanation:
        """The whole answer."""
        view, found, target = self.view, self.explained, self.explained.target
        row = _row(view, target.line[0], target.line[1]) if target.line is not None else view.values
        shown = row.get(target.field.id) if row is not None else None
        self._fetch_titles([*_walk(found.root)])
        tells_all = self.work.actor.is_administrator
        return Explanation(
            target.form_id,
            target.record_id,
            target.key,
            in_language(target.field.label, self.language),
            view.title,
            _wire(target.field, shown),
            self.text(shown, target.field, ""),
            _wire(target.field, found.result),
            self.text(found.result, target.field, ""),
            _same(as_kept(target.field, shown), found.result),
            target.field.compute,
            self._as_of(view),
            target.key in view.stale,
            found.frozen,
            self._whole(found.root),
            target.field.formula.at if tells_all and target.field.formula is not None else None,
            target.field.formula.text if tells_all and target.field.formula is not None else None,
        )

    def _as_of(self, view: RecordView) -> date | datetime | None:
        compute = self.explained.target.field.compute
        if compute == "once":
            return view.stamps.created_at
        return view.as_of if compute == "daily" else None

    def _whole(self, root: Part) -> PartView:
        """The part that is the value itself, as its field keeps it."""
        field, value = self.explained.target.field, root.value
        return replace(
            self.part(root), value=_wire(field, value), text=self.text(value, field, ""), empty=value is None
        )

    def part(self, part: Part) -> PartView:
        """A part and its parts."""
        kind = "rows" if part.aggregate is not None else "test" if part.node.type.kind == "boolean" else "value"
        shown = part.value if part.available else None
        text = self.text(shown, part.field or part.column, part.node.type.kind, part.node.type.places)
        seen = part.available and not (part.field is not None and self._is_out_of_sight(part.field, shown))
        return PartView(
            part.words,
            kind,
            _wire(part.field, shown) if seen else None,
            text if seen else "",
            seen,
            seen and (shown is None or shown == ()),
            part.taken,
            tuple(self.part(each) for each in part.parts),
            self._record(part),
            self._opens(part) if seen else None,
            self.sources(part, 0) if part.aggregate is not None else None,
        )

    def _record(self, part: Part) -> tuple[str, int] | None:
        """The other record that the value stands in, where the reader sees it."""
        target = self.explained.target
        return part.holder if part.available and part.holder != (target.form_id, target.record_id) else None

    def _opens(self, part: Part) -> tuple[str, int, str] | None:
        if part.field is None or part.holder is None or part.field.formula is None:
            return None
        return (*part.holder, part.field.id)

    def _is_out_of_sight(self, definition: Field, value: object) -> bool:
        """Whether a link leads to what the reader does not see."""
        if definition.type not in LINK_TYPES:
            return False
        return any(each not in self._titles.get(form_id, {}) for form_id, each in links_in(definition, value))

    def sources(self, part: Part, after: int) -> SourceList | None:
        """A page of the records behind an aggregate; None when they cannot be listed."""
        if part.aggregate is None:
            return None
        page = fetch_page(self.work, self.explained.target, part.node, after, PAGE)
        if page is None:
            return None
        known = self.work.rights.see(page.form_id) is not None
        hidden = page.total - page.seen if known and part.counted else None
        rows = tuple(self._sources(part, page))
        end = after + len(rows)
        counts = part.node.args[2].op == "literal"
        return SourceList(part.aggregate, page.form_id, rows, page.seen, hidden, end if page.more else None, counts)

    def _sources(self, part: Part, page: SourcePage) -> Iterator[SourceView]:
        titles = fetch_title_map(self.work, page.form_id, {row.record for row in page.rows})
        self._titles.setdefault(page.form_id, {}).update(titles)
        kind = part.node.args[2].type
        if part.column is not None and part.column.type in LINK_TYPES:
            self._fetch([(part.column, row.value) for row in page.rows])
        for row in page.rows:
            shown = row.value if row.seen and part.node.args[2].op != "literal" else None
            text = self.text(shown, part.column, kind.kind, kind.places)
            title = self._title_of_row(page, row) or titles.get(row.record, f"#{row.record}")
            yield SourceView(page.form_id, row.record, row.position, title, _wire(part.column, shown), text, row.seen)

    def _title_of_row(self, page: SourcePage, row: SourceRow) -> str:
        """What the first column says of a row of the record's own lines."""
        lines = self.view.form.fields.get(page.lines or "")
        own = page.form_id == self.view.form.id and row.record == self.view.id
        found = _row(self.view, lines.id, row.id) if lines is not None and own else None
        if lines is None or found is None:
            return ""
        names = lines.columns or tuple(lines.fields)
        texts = (self.view.text_of(lines.fields[name], found.get(name), self.language) for name in names)
        return next((text for text in texts if text), "")

    def text(self, value: object, definition: Field | None, kind: str, places: int | None = None) -> str:
        """A value as people read it: as its field shows it, else by its type."""
        if value is None or value == ():
            return ""
        if isinstance(value, datetime):
            return f"{value.astimezone(self.work.moment.zone):%Y-%m-%d %H:%M}"
        if definition is not None and definition.type in LINK_TYPES:
            found = (self._titles.get(form_id, {}).get(each) for form_id, each in links_in(definition, value))
            return "、".join(each for each in found if each)
        if definition is not None and definition.type in field_types.FIELD_TYPES:
            return field_types.FIELD_TYPES[definition.type].to_text(definition, value, self.language)
        if kind == "boolean":
            return {"zh": ("不成立", "成立")}.get(self.language, ("does not hold", "holds"))[bool(value)]
        return _number_text(value, places) if isinstance(value, (Decimal, int)) else str(value)

    def _fetch_titles(self, parts: list[Part]) -> None:
        linked = [(each.field, each.value) for each in parts if each.field is not None and each.available]
        self._fetch([(definition, value) for definition, value in linked if definition.type in LINK_TYPES])

    def _fetch(self, linked: list[tuple[Field, object]]) -> None:
        wanted: dict[str, set[int]] = {}
        for definition, value in linked:
            for form_id, each in links_in(definition, value):
                wanted.setdefault(form_id, set()).add(each)
        for form_id, ids in wanted.items():
            self._titles.setdefault(form_id, {}).update(fetch_title_map(self.work, form_id, ids))


def _number_text(value: Decimal | int, places: int | None) -> str:
    """With thousands separators; zeros at the end go where the number has more decimals than money."""
    text = f"{Decimal(value):,f}"
    if "." not in text or (places is not None and places <= TRIMMED_PLACES):
        return text
    return text.rstrip("0").rstrip(".")


def _wire(definition: Field | None, value: object) -> object:
    """The value as JSON has it."""
    if value is None:
        return None
    if definition is not None and definition.type in field_types.FIELD_TYPES and definition.type not in LINK_TYPES:
        return field_types.FIELD_TYPES[definition.type].to_wire(definition, value)
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, (tuple, list)):
        return list(value)
    return value if isinstance(value, (bool, int, str)) else str(value)


def _same(shown: object, result: object) -> bool:
    if isinstance(shown, (list, tuple)) or isinstance(result, (list, tuple)):
        return tuple(shown or ()) == tuple(result or ())  # type: ignore[arg-type]
    return shown == result or (not shown and not result and shown != 0 and result != 0)
