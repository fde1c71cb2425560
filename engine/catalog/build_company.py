"""The company itself: its languages, zone and currency, the roles and menus of its apps."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from types import MappingProxyType
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from engine.catalog.access import ADMINISTRATOR
from engine.catalog.catalog import App, Company, MenuGroup
from engine.catalog.field_types.dates import parse_day
from engine.catalog.names import TAKEN_APPS, TAKEN_COMPANIES, is_name
from engine.catalog.notes import entries_of, label_of, text_of, words_of
from engine.catalog.work_days import CalendarRules, is_country
from engine.catalog.world import World
from engine.problems import near_name
from engine.source.tree import Item, find_item
from engine.values import Label

_USUAL_ZONE = "Asia/Shanghai"
_CURRENCY = re.compile(r"[A-Z]{3}\Z")
_ADMINISTRATOR: Label = {"en": "Administrator", "zh": "管理员"}


def build_company(world: World) -> Company:
    """What company.yaml and site.yaml say, with the usual values where they are silent."""
    item = world.resolved.company.item
    site = world.resolved.site.item
    identifier = world.resolved.company.id
    if identifier in TAKEN_COMPANIES:
        world.notes.add("C106", item.map["company"].at, name=identifier)
    languages = tuple(word.text for word in words_of(site.map.get("languages"))) or ("zh", "en")
    return Company(
        id=identifier,
        label=label_of(item.map.get("label"), identifier),
        language=text_of(item, "language") or languages[0],
        languages=languages,
        time_zone=_time_zone(world, item),
        currency=_currency(world, item),
        week_starts=text_of(item, "week_starts") or "monday",
        apps=tuple(world.resolved.apps),
        calendar=_calendar(world, item),
    )


def _time_zone(world: World, item: Item) -> str:
    written = item.map.get("time_zone")
    if written is None:
        return _USUAL_ZONE
    try:
        ZoneInfo(written.text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        near = near_name(written.text, available_timezones())  # slow: every zone file is looked at
        world.notes.add("C127", written.at, value=written.text, near=near)
        return "UTC"
    return written.text


def _calendar(world: World, item: Item) -> CalendarRules:
    """`calendar:`; where the company says neither that nor another time zone, the country is China, like the zone."""
    written = item.map.get("calendar")
    if written is None:
        return CalendarRules("CN" if text_of(item, "time_zone") in (None, _USUAL_ZONE) else None)
    country = written.map.get("country")
    if country is not None and not is_country(country.text):
        world.notes.add("C140", country.at, value=country.text)
        country = None
    until = written.map.get("until")
    return CalendarRules(
        country.text if country is not None else None,
        MappingProxyType(dict(_own_days(world, item))),
        int(until.text) if until is not None else None,
    )


def _own_days(world: World, item: Item) -> Iterator[tuple[date, bool]]:
    for written, entry in entries_of(find_item(item, ("calendar", "days"))):
        day = parse_day(written)
        if day is None:
            world.notes.add("C133", entry.place, value=written)
        else:
            yield day, entry.text == "work"


def _currency(world: World, item: Item) -> str:
    written = item.map.get("currency")
    if written is None:
        return "CNY"
    if not _CURRENCY.match(written.text):
        world.notes.add("C128", written.at, value=written.text)
    return written.text


def build_roles(world: World) -> None:
    """Fills `world.roles`: those of the apps, then of the company, and the administrator."""
    for definition in (*world.resolved.apps.values(), world.resolved.company):
        for name, entry in entries_of(definition.item.map.get("roles")):
            if not is_name(name):
                world.notes.add("C107", entry.place, name=name)
            world.roles[name] = label_of(entry, name)
    world.roles.setdefault(ADMINISTRATOR, _ADMINISTRATOR)


def build_apps(world: World) -> dict[str, App]:
    """The apps with the forms of their menus; without a menu all their forms."""
    apps = {}
    for app, definition in world.resolved.apps.items():
        item = definition.item
        if app in TAKEN_APPS:
            world.notes.add("C106", item.map["app"].at, name=app)
        groups = tuple(_groups(world, app, item))
        own = tuple(form.id for form in world.forms.values() if form.app == app)
        menu = tuple(entry for group in groups for entry in group.entries) if "menu" in item.map else own
        apps[app] = App(
            id=app,
            label=label_of(item.map.get("label"), app),
            icon=text_of(item, "icon") or "apps",
            version=text_of(item, "version") or "0",
            requires=tuple(word.text for word in words_of(item.map.get("requires"))),
            menu=menu,
        )
    return apps


def build_menu(world: World, apps: dict[str, App]) -> tuple[MenuGroup, ...]:
    """The company's own menu, else the groups of its apps one after the other."""
    item = world.resolved.company.item
    if "menu" in item.map:
        return tuple(_groups(world, "", item))
    groups: list[MenuGroup] = []
    for app in apps.values():
        written = tuple(_groups(world, app.id, world.resolved.apps[app.id].item))
        groups += written or ((MenuGroup(app.label, app.menu),) if app.menu else ())
    people = [group for group in groups if any(entry.startswith("people.") for entry in group.entries)]
    return (*(group for group in groups if group not in people), *people)


def _groups(world: World, app: str, item: Item) -> Iterator[MenuGroup]:
    """`menu:` as a list of forms, or as groups."""
    menu = item.map.get("menu")
    if menu is None:
        return
    if isinstance(menu.value, tuple):
        yield MenuGroup(label_of(item.map.get("label"), app), tuple(_entries(world, app, menu)))
        return
    for name, group in menu.map.items():
        words = group.map.get("entries", group)
        label = label_of(group.map.get("label"), name)
        yield MenuGroup(label, tuple(_entries(world, app, words)))


def _entries(world: World, app: str, item: Item) -> Iterator[str]:
    boards = world.of_kind("dashboard")
    for word in item.list:
        full = world.full_id(word.text, app)
        if full in world.forms or full in boards:
            yield full
        else:
            world.notes.unknown("C104", word, word.text, (*world.forms, *boards))
