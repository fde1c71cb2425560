"""Which definitions has one company? Its apps in order, every layer on the one below, nothing lost silently."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from engine.problems import Location, Problem, ProblemsFound, near_name
from engine.source.overlay import merge
from engine.source.resolved import Definition, Resolved
from engine.source.shape import check_shape
from engine.source.shorthand import expand
from engine.source.site_files import ReadFile, ReadSite
from engine.source.steps import nest_changes
from engine.source.tree import Document, Item

ENGINE_APP = "people"
DEFINED = frozenset({"form", "pipeline", "choices", "workflow", "metrics", "dashboard"})


def lay_over(site: ReadSite, company: str, *, without_own: bool = False) -> Resolved:
    """The definitions of `company`. Raises ProblemsFound with all problems of its files, apps and overlays.

    `without_own` leaves out the company's own definitions and overlays: what they change is the difference.
    """
    files = site.companies.get(company, ())
    problems = [*site.problems, *(problem for each in files for problem in each.problems)]
    company_document = next((each.document for each in files if each.source.role == "company" and each.document), None)
    if company_document is None or site.site is None:
        raise ProblemsFound(problems or [Problem("S103", {"company": company}, Location("site.yaml", 1, 1))])
    apps = _apps_in_order(company_document, [*site.shared, *files], problems)
    if apps is None:
        raise ProblemsFound(problems)
    problems += _homeless([*site.shared, *files], apps)
    builder = _Builder(problems, _broken(site.shared, files))
    for layer in _layers(site, () if without_own else files, apps):
        builder.add_layer(layer)
    definitions = builder.finish()
    if any(not problem.warning for problem in problems):
        raise ProblemsFound(problems)
    return Resolved(
        Definition("company", company, company_document.item),
        Definition("site", site.site.id, site.site.item),
        {app: Definition("app", app, document.item) for app, document in apps.items()},
        definitions,
    )


def _layers(site: ReadSite, files: tuple[ReadFile, ...], apps: Mapping[str, Document]) -> Iterator[list[Document]]:
    """The definition files, lowest layer first: engine, each app of the pack, site, company."""
    shared = [each for each in site.shared if each.source.role == "definition" and each.document]
    for layer in ("engine", "pack"):
        for app in apps:
            yield [each.document for each in shared if _is_from(each, layer, app) and each.document]
    yield [
        each.document for each in shared if each.source.layer == "site" and each.source.app in apps and each.document
    ]
    yield [each.document for each in files if each.source.role == "definition" and each.document]


def _homeless(files: list[ReadFile], apps: Mapping[str, Document]) -> Iterator[Problem]:
    """Files in the folder of an app that nobody defines, or that the company whose file it is does not use."""
    known = {each.source.app for each in files if each.source.role == "app"}
    for each in files:
        app = each.source.app
        missing = app not in known if each.source.company is None else app not in apps
        if each.source.role == "definition" and app and missing and each.document is not None:
            first = next(iter(each.document.item.map.values()))
            yield Problem("S104", {"app": app, "near": near_name(app, known if app not in known else ())}, first.at)


def _broken(*files: tuple[ReadFile, ...]) -> frozenset[str]:
    """Ids of definitions that could not be read."""
    return frozenset(
        f"{each.source.app}.{each.source.stem}" for some in files for each in some if each.document is None
    )


def _is_from(each: ReadFile, layer: str, app: str) -> bool:
    return each.source.layer == layer and each.source.owner == app


def _apps_in_order(company: Document, files: list[ReadFile], problems: list[Problem]) -> dict[str, Document] | None:
    """The company's apps, required ones first; None when one is unknown, missing or required in a circle."""
    known = {each.document.id: each.document for each in files if each.source.role == "app" and each.document}
    broken = {each.source.app for each in files if each.source.role == "app" and each.document is None}
    before = len(problems)
    wanted = {ENGINE_APP: company.item} | {entry.text: entry for entry in company.item.map["apps"].list}
    for app, entry in wanted.items():
        if app not in known and app not in broken:
            problems.append(Problem("S104", {"app": app, "near": near_name(app, known)}, entry.at))
    ordered: dict[str, Document] = {}
    for app in wanted:
        if app in known:
            _add_app(app, known, wanted, ordered, (), problems)
    return ordered if len(problems) == before and not broken & set(wanted) else None


def _add_app(
    app: str,
    known: Mapping[str, Document],
    wanted: Mapping[str, Item],
    ordered: dict[str, Document],
    path: tuple[str, ...],
    problems: list[Problem],
) -> None:
    if app in ordered:
        return
    if app in path:
        circle = " → ".join([*path[path.index(app) :], app])
        problems.append(Problem("S106", {"circle": circle}, known[app].item.map["requires"].at))
        return
    requires = known[app].item.map.get("requires")
    for entry in requires.list if requires else ():
        if entry.text not in wanted:
            values = {"app": app, "required": entry.text}
            problems.append(Problem("S105", values, wanted[app].at))
        elif entry.text in known:
            _add_app(entry.text, known, wanted, ordered, (*path, app), problems)
    ordered.setdefault(app, known[app])


class _Builder:
    """Lays one layer after the other; problems go to the list it was given."""

    def __init__(self, problems: list[Problem], broken: frozenset[str]) -> None:
        self.problems = problems
        self.broken = broken
        self.definitions: dict[str, Definition] = {}
        self.touched: set[str] = set()

    def add_layer(self, documents: list[Document]) -> None:
        """New definitions first, so that overlays of the same layer find them."""
        for document in documents:
            if not document.overlay and document.kind in DEFINED:
                self._add(document)
        for document in documents:
            if document.overlay:
                self._change(document)

    def _add(self, document: Document) -> None:
        first = next(iter(document.item.map.values()))
        known = self.definitions.get(document.id)
        if known is not None:
            self.problems.append(Problem("O105", {"id": document.id, "first": str(known.item.at)}, first.at))
            return
        self.definitions[document.id] = Definition(document.kind, document.id, document.item)

    def _change(self, document: Document) -> None:
        first = next(iter(document.item.map.values()))
        target = self.definitions.get(document.id)
        if target is None and document.id in self.broken:
            return  # its own problems say enough
        if target is None:
            near = near_name(document.id, self.definitions)
            self.problems.append(Problem("O101", {"id": document.id, "near": near}, first.at))
            return
        change = expand(target.kind, _without_first(document.item))
        problems: list[Problem] = []
        if target.kind == "workflow":
            change = nest_changes(target.item, change, document.id, problems)
        merged = merge(target.item, change, document.id, problems)
        problems += _missed_entries(target, change, document.id)
        self.problems += problems
        self.definitions[document.id] = Definition(target.kind, target.id, merged)
        if not problems:
            self.touched.add(document.id)

    def finish(self) -> dict[str, Definition]:
        """All definitions; those that an overlay touched have their shape checked again."""
        for identifier in sorted(self.touched):
            definition = self.definitions[identifier]
            self.problems += check_shape(definition.kind, definition.item)
        return self.definitions


def _without_first(item: Item) -> Item:
    return item.with_value(dict(list(item.map.items())[1:]))


def _missed_entries(target: Definition, change: Item, identifier: str) -> Iterable[Problem]:
    """Entries that look like changes of something that is not there: fields without a type, stages without a label."""
    needed = {"form": (("fields", "type"),), "pipeline": (("stages", "label"), ("ends", "outcome"))}
    for key, must in needed.get(target.kind, ()):
        entries = change.map.get(key)
        old = target.item.map.get(key)
        if entries is None or old is None or set(entries.map) == {"replace"}:
            continue
        yield from _missed(entries, old, key, must, identifier)


def _missed(entries: Item, old: Item, key: str, must: str, identifier: str) -> Iterator[Problem]:
    for name, entry in entries.map.items():
        known = old.map.get(name)
        if known is None and entry.map and must not in entry.map:
            values = {"name": name, "what": key, "id": identifier, "must": must, "near": near_name(name, old.map)}
            yield Problem("O106", values, entry.place)
        elif known is not None and key == "fields" and "fields" in known.map and "fields" in entry.map:
            yield from _missed(entry.map["fields"], known.map["fields"], key, must, identifier)
