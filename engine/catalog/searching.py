"""By whose words a record is found: its own, and those of linked records that everybody who sees it reads as well.

A linked record that some reader may not see must not be found out by searching for its name; its words stay with it,
and a search looks there under the rule of its own form.
"""

from __future__ import annotations

from engine.catalog.catalog import Catalog
from engine.catalog.forms import Field, Form
from engine.catalog.hiding import find_hidden

NAMED_BY_ALL = frozenset({"people.person", "people.department"})


def is_read_by_all(catalog: Catalog, form: Form, link: Field) -> bool:
    """Whether every role that sees records of `form` sees all records that `link` may lead to."""
    readers = [role for role, rules in form.access.rules.items() if "see" in rules]
    targets = [catalog.forms.get(each) for each in link.to]
    if any(each is None or not _is_called_openly(catalog, each) for each in targets):
        return False
    return all(each is not None and _sees_all(each, role) for each in targets for role in readers)


def _is_called_openly(catalog: Catalog, target: Form) -> bool:
    """Whether everybody who sees a record of the form reads its whole title: nothing in it has rights of its own."""
    named = (target.fields.get(part[0]) for part in target.title.parts if not isinstance(part, str))
    return all(
        each is None or (each.access is None and not find_hidden(catalog.workflows, target, each.id)) for each in named
    )


def _sees_all(target: Form, role: str) -> bool:
    rule = target.access.rules.get(role, {}).get("see")
    return target.id in NAMED_BY_ALL if rule is None else rule.constant is True


def searched_behind(catalog: Catalog, form: Form) -> tuple[Field, ...]:
    """The links of the title and the search fields whose records are searched under their own rule."""
    named = dict.fromkeys((*(part[0] for part in form.title.parts if not isinstance(part, str)), *form.search))
    links = [form.fields[name] for name in named if name in form.fields and form.fields[name].to]
    return tuple(
        each
        for each in links
        if each.type == "link" and len(each.to) == 1 and each.access is None and not is_read_by_all(catalog, form, each)
    )
