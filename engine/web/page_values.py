"""What every template may use besides its own values."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request, url_for

from engine.services.flow.monitoring import administered, waiting_counts
from engine.services.site import Site
from engine.web.answers import here, is_fragment, label, say
from engine.web.assets import Assets
from engine.web.menu import Menus
from engine.web.texts import LANGUAGE_NAMES, LANGUAGE_TAGS
from engine.web.visit import NOTE_COOKIE, Visit

_COLOURS = 6


@dataclass(frozen=True, slots=True)
class Portrait:
    """A person as an avatar shows them: name, one letter, one of six muted colours."""

    id: int
    name: str
    initial: str
    colour: int


def portrait(person: int, name: str) -> Portrait:
    """The avatar of a person: always the same colour for the same person."""
    return Portrait(person, name, name[:1].upper(), person % _COLOURS)


@dataclass(frozen=True, slots=True)
class PageValues:
    """Makes the values of a page for its reader."""

    site: Site
    menus: Menus
    assets: Assets

    def values(self) -> dict[str, Any]:
        """Everything templates share; a visitor without a person gets the first part only."""
        common: dict[str, Any] = {
            "language": g.language,
            "lang": LANGUAGE_TAGS[g.language],
            "switches": LANGUAGE_NAMES,
            "csrf": g.get("csrf", ""),
            "here": here(),
            "assets_built": self.assets.built,
            "company": g.get("company"),
            "portrait": portrait,
        }
        seen = g.get("visit")
        return {**common, **self._personal(seen)} if isinstance(seen, Visit) else common

    def _personal(self, seen: Visit) -> dict[str, Any]:
        company = seen.company
        unread, open_tasks = (0, None) if is_fragment() else waiting_counts(company, seen.actor)
        return {
            "actor": seen.actor,
            "person": portrait(seen.actor.person, seen.actor.name),
            "company_label": label(company.catalog.company.label),
            "home_url": url_for("home"),
            "menu": () if is_fragment() else self.menus.menu(company, seen.actor),
            "active_form": _active_form(),
            "unread": unread,
            "open_tasks": open_tasks,
            "inbox_url": _inbox() if company.catalog.workflows else "",
            "watches": bool(company.catalog.workflows) and bool(administered(company, seen.actor)),
            "note": _take_note(),
            "demo": self.site.demo,
        }


def _inbox() -> str:
    return url_for("inbox") if "inbox" in current_app.view_functions else ""


def _active_form() -> str:
    """The form or board of this page, as the menu knows it."""
    given = request.view_args or {}
    name = given.get("form") or given.get("board")
    return f"{given['app']}.{name}" if name and "app" in given else ""


def _take_note() -> Mapping[str, str] | None:
    carried = request.cookies.get(NOTE_COOKIE)
    if not carried or is_fragment():
        return None
    g.note_shown = True
    try:
        text_id, values = json.loads(carried)
        return {"text": say(str(text_id), **values), "kind": "ok"}
    except (ValueError, KeyError, TypeError):
        return None
