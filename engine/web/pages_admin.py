"""What an administrator keeps in order: the recycle bin, and people, departments and roles."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.catalog.access import VERBS
from engine.catalog.forms import Form
from engine.problems import NotVisible, ProblemsFound
from engine.services import people, records
from engine.services.views_of_records import DEPARTMENT_FORM, PERSON_FORM, ListRequest, RecordPage, RecordView
from engine.values import Label
from engine.web.answers import go_to, language
from engine.web.routes import Route
from engine.web.visit import fetch_form, may_open, note_once, visit

_BIN_PAGE, _PEOPLE = 50, 200


@dataclass(frozen=True, slots=True)
class Branch:
    """A department with its depth in the tree and the people of it."""

    view: RecordView
    depth: int
    people: tuple[RecordView, ...]


def show_bin() -> ResponseReturnValue:
    """Deleted records of one form, with the way back."""
    current = visit()
    forms = [form for form in current.company.catalog.forms.values() if may_open(current.actor, form)]
    counted = [(form, _deleted(form, 1).total or 0) for form in forms]
    filled = [(form, count) for form, count in counted if count]
    wanted = request.args.get("form")
    chosen = next((form for form, _ in filled if form.id == wanted), filled[0][0] if filled else None)
    page = _deleted(chosen, _BIN_PAGE, request.args.get("after")) if chosen is not None else None
    return render_template("recycle_bin.html", filled=filled, chosen=chosen, page=page)


def _deleted(form: Form, limit: int, after: str | None = None) -> RecordPage:
    current = visit()
    asked = ListRequest(fields=("updated_at",), limit=limit, after=after, deleted=True)
    return records.list_records(current.company, current.actor, form.id, asked)


def restore(app: str, form: str, record_id: int) -> ResponseReturnValue:
    """Takes a record out of the recycle bin."""
    current, definition = visit(), fetch_form(app, form)
    view = records.restore_record(current.company, current.actor, definition.id, record_id)
    note_once("admin.restored", title=view.title if view is not None else "")
    return go_to(url_for("recycle_bin", form=definition.id))


def show_people() -> ResponseReturnValue:
    """Departments with their people, and what each role may do."""
    _require_administrator()
    catalog = visit().company.catalog
    persons, departments = _all(PERSON_FORM), _all(DEPARTMENT_FORM)
    tree = _tree(departments, persons)
    placed = {person.id for branch in tree for person in branch.people}
    return render_template(
        "people.html",
        tree=tree,
        homeless=[person for person in persons if person.id not in placed],
        count=len(persons),
        roles=catalog.roles,
        forms=_role_table(),
        verbs=VERBS,
        person_form=catalog.forms[PERSON_FORM],
        department_form=catalog.forms[DEPARTMENT_FORM],
    )


def set_password(record_id: int) -> ResponseReturnValue:
    """Gives a person a new password; the person's sessions end."""
    _require_administrator()
    current = visit()
    view = records.fetch_record(current.company, current.actor, PERSON_FORM, record_id)
    try:
        people.set_password(current.company, str(view.values.get("login") or ""), request.form.get("password", ""))
    except ProblemsFound as error:
        note_once("admin.password_refused", why=" ".join(problem.message(language()) for problem in error.problems))
        return go_to(url_for("people"))
    note_once("admin.password_set", name=view.title)
    return go_to(url_for("people"))


def _require_administrator() -> None:
    if not visit().actor.is_administrator:
        raise NotVisible


def _all(form_id: str) -> list[RecordView]:
    """Every record of a small form, page by page."""
    current = visit()
    form = current.company.catalog.forms[form_id]
    fields = tuple(field.id for field in form.fields.values() if field.type not in ("lines", "file", "image"))
    found: list[RecordView] = []
    after: str | None = None
    while True:
        asked = ListRequest(fields=fields, limit=_PEOPLE, after=after, total="none", sort=(("id", False),))
        page = records.list_records(current.company, current.actor, form_id, asked)
        found += page.rows
        after = page.next
        if after is None:
            return found


def _tree(departments: list[RecordView], persons: list[RecordView]) -> list[Branch]:
    below: dict[object, list[RecordView]] = {}
    for department in departments:
        below.setdefault(department.values.get("parent"), []).append(department)
    staff: dict[object, list[RecordView]] = {}
    for person in persons:
        staff.setdefault(person.values.get("department"), []).append(person)
    found: list[Branch] = []

    def walk(parent: object, depth: int) -> None:
        for department in below.get(parent, ()):
            found.append(Branch(department, depth, tuple(staff.get(department.id, ()))))
            walk(department.id, depth + 1)

    walk(None, 0)
    return found


def _role_table() -> list[tuple[Form, list[tuple[str, Label, list[tuple[str, str]]]]]]:
    """For every form: which role may do what, under which rule ("" = always)."""
    catalog = visit().company.catalog
    table = []
    for form in catalog.forms.values():
        rows = [
            (role, catalog.roles[role], [(verb, _rule_text(rules[verb])) for verb in VERBS if verb in rules])
            for role, rules in form.access.rules.items()
            if role in catalog.roles
        ]
        table.append((form, rows))
    return table


def _rule_text(rule: object) -> str:
    constant = getattr(rule, "constant", None)
    return "" if constant is True else str(getattr(rule, "text", ""))


ROUTES = (
    Route("/<company>/recycle-bin", "recycle_bin", show_bin),
    Route("/<company>/<app>/<form>/<int:record_id>/restore", "restore", restore, ("POST",)),
    Route("/<company>/people", "people", show_people),
    Route("/<company>/people/<int:record_id>/password", "set_password", set_password, ("POST",)),
)
