"""What people are told: a text with values of the record, on their page and by mail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from engine.catalog import field_types
from engine.catalog.effects import Effect
from engine.catalog.forms import Field, Template
from engine.runtime.programs import is_link, link_target
from engine.services.flow.acting import Acting
from engine.services.flow.withheld import withheld_from, without
from engine.storage.comments import keep_notices
from engine.storage.outbox import add_job
from engine.storage.titles import fetch_titles, field_at
from engine.values import Label

MAIL = "mail"  # the job that hands a text to the outside world
NOTICE = "approval"


def notify(acting: Acting, effect: Effect, place: str) -> None:
    """Tell the people of an effect, nobody more than he may read. `place`: no other effect of the occasion has it."""
    for hidden, people in withheld_from(acting, effect.texts.values(), acting.people(effect.who)).items():
        texts = {
            language: template_text(acting, without(template, hidden), language)
            for language, template in effect.texts.items()
        }
        tell(acting, people, texts, channels=effect.channels, key=f"{acting.key}:{place}")


def tell(
    acting: Acting,
    people: Sequence[int],
    texts: Label,
    *,
    channels: Sequence[str] = (),
    kind: str = NOTICE,
    key: str | None = None,
) -> None:
    """A notice on everybody's page, and a mail when the channels say so; the mail is sent once for a key."""
    if not people:
        return
    uow = acting.system.uow
    text = texts.get(acting.system.catalog.company.language) or next(iter(texts.values()), "")
    details = {"by": uow.actor, "text": text, "texts": dict(texts)}
    if not channels or "page" in channels:
        keep_notices(uow, people, kind, acting.form_id, acting.record_id, details)
    if "mail" in channels:
        acting.log("mail", details={"people": list(people)})
        about = {"form": acting.form_id, "record": acting.record_id}
        for person in people:
            once = f"{MAIL}:{key}:{person}" if key is not None else None
            add_job(uow, MAIL, {"person": person, "texts": dict(texts), **about}, key=once)


def template_text(acting: Acting, template: Template, language: str) -> str:
    """A template with the values of the record, in a language."""
    texts = (part if isinstance(part, str) else _value_text(acting, part, language) for part in template.parts)
    return " ".join("".join(texts).split())


def _value_text(acting: Acting, path: tuple[str, ...], language: str) -> str:
    value = acting.values.value(path)
    if value is None or value == ():
        return ""
    catalog = acting.system.catalog
    field = field_at(catalog, catalog.forms[acting.form_id], path)
    if field is None:
        return str(value)
    if is_link(field):
        return ", ".join(_titles(acting, field, value))
    return field_types.FIELD_TYPES[field.type].to_text(field, value, language)


def _titles(acting: Acting, field: Field, value: object) -> Iterator[str]:
    """What the linked records are called."""
    work = acting.system
    if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str):
        form_id, ids = value[0], [value[1]]
    else:
        form_id, ids = link_target(field), list(value) if isinstance(value, tuple) else [value]
    found = fetch_titles(work.uow.connection, work.uow.database, work.catalog, None, work.moment, form_id, ids)
    yield from (found[each] for each in ids if each in found)
