"""Many writers at once on one company: each creates, changes, links anew, deletes and restores by chance."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from sqlalchemy.exc import OperationalError

from engine.problems import NotVisible, ProblemsFound, Stale
from engine.runtime.actors import SYSTEM
from engine.services import records
from engine.services.site import OpenCompany
from engine.storage.conflicts import is_deadlock
from tests.fuzz.graphs import FormPlan, random_values


@dataclass
class Written:
    """What the writers were told: ids by form; how much was refused, or gave way to others too often; and accidents."""

    ids: dict[str, list[int]]
    refused: int = 0
    gave_way: int = 0
    done: int = 0
    accidents: list[str] = field(default_factory=list)


def write_at_once(
    company: OpenCompany, forms: Sequence[FormPlan], seed: int, writers: int = 8, turns: int = 12
) -> Written:
    """All writers run until each had its turns."""
    written = Written({form.name: [] for form in forms})
    start = threading.Barrier(writers)

    def work(number: int) -> None:
        chance = Random(seed * 1000 + number)  # noqa: S311
        start.wait()
        for _ in range(turns):
            try:
                _act(company, chance, forms, written)
                written.done += 1
            except (ProblemsFound, NotVisible, Stale):
                written.refused += 1
            except OperationalError as error:
                if is_deadlock(error):
                    written.gave_way += 1
                else:
                    written.accidents.append(str(error)[:500])
            except Exception as error:  # noqa: BLE001 - the test tells them all
                written.accidents.append(f"{type(error).__name__}: {str(error)[:500]}")

    threads = [threading.Thread(target=work, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return written


def _act(company: OpenCompany, chance: Random, forms: Sequence[FormPlan], written: Written) -> None:
    form = chance.choice(forms)
    form_id, ids = f"crm.{form.name}", written.ids[form.name]
    way = chance.random()
    if not ids or way < 0.35:
        view = records.save_record(company, SYSTEM, form_id, None, random_values(chance, form, written.ids))
        ids.append(view.id or 0)
    elif way < 0.85:
        values = random_values(chance, form, written.ids)
        records.save_record(company, SYSTEM, form_id, chance.choice(ids[:8]), values)
    elif way < 0.95:
        records.delete_record(company, SYSTEM, form_id, chance.choice(ids))
    else:
        records.restore_record(company, SYSTEM, form_id, chance.choice(ids))
