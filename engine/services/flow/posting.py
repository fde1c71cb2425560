"""What effects tell other systems: left in the transaction, sent by the worker."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal

from engine.catalog.effects import Effect
from engine.services.flow.acting import Acting
from engine.storage.outbox import add_job

WEBHOOK = "webhook"  # the job that sends a message to an address of the site


def leave_call(acting: Acting, effect: Effect, values: Mapping[str, object], place: str) -> None:
    """Leave a message for an address. Its id is the same however often it is sent."""
    uow, message = acting.system.uow, f"{acting.key}:{place}"
    payload = {
        "to": effect.name,
        "id": message,
        "at": uow.now.isoformat(),
        "company": uow.catalog.company.id,
        "form": acting.form_id,
        "record": acting.record_id,
        "instance": acting.instance,
        "body": {name: plain_value(value) for name, value in values.items()},
    }
    add_job(uow, WEBHOOK, payload, key=f"{WEBHOOK}:{message}")
    acting.log("webhook", details={"text": effect.name})


def plain_value(value: object) -> object:
    """A value as JSON: numbers with places and dates are texts, as in the API."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, tuple | list):
        return [plain_value(each) for each in value]
    return value if isinstance(value, str | int | bool | None) else str(value)
