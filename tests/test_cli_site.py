"""The commands that open a site, used as an operator uses them."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.cli import main

SITE = {
    "site.yaml": "site: small\nlanguages: [en, zh]\ncompanies: [club]\n",
    "forms/companies/club/company.yaml": "company: club\nlabel: {en: Club, zh: 俱乐部}\napps: [games]\nlanguage: en\n",
    "forms/games/app.yaml": "app: games\nlabel: {en: Games, zh: 游戏}\nroles: {player: {en: Player, zh: 玩家}}\nmenu: [game]\n",
    "forms/games/game.yaml": (
        "form: games.game\nlabel: {en: Game, zh: 游戏}\ntitle: '{name}'\nfields:\n"
        "  name: {type: text, required: true, label: {en: Name, zh: 名称}}\n"
        "  price: {type: money, label: {en: Price, zh: 价格}}\n"
        "access:\n  player: {see: 'price < 10', create: true}\n"
    ),
    "games.csv": "title,euro\nChess,9.50\nGo,25\n",
    "games.yaml": "import: games.game\nfrom: games.csv\nkey: name\ncolumns: {title: name, euro: price}\n",
}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name, text in SITE.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def weft(words: str, given: str = "") -> Result:
    return CliRunner().invoke(main, words.split(), input=given, catch_exceptions=False)


def test_apply_makes_the_tables_and_then_nothing_is_left_to_plan(site: Path) -> None:
    assert "Create the table games_game" in weft("plan").output
    assert weft("apply").output.startswith("club: revision 1")
    assert weft("plan").output == "club: nothing to do\n"


def test_a_new_field_is_planned_and_applied(site: Path) -> None:
    weft("apply")
    form = site / "forms/games/game.yaml"
    form.write_text(form.read_text().replace("access:", "  players: {type: integer, label: Players}\naccess:"))
    assert "Add the column games_game.players" in weft("plan").output
    assert weft("apply").output.startswith("club: revision 2")


def test_a_change_of_type_is_refused_and_nothing_is_applied(site: Path) -> None:
    weft("apply")
    form = site / "forms/games/game.yaml"
    form.write_text(form.read_text().replace("name: {type: text,", "name: {type: integer,"))
    planned, applied = weft("plan"), weft("apply")
    assert planned.exit_code == applied.exit_code == 1
    assert "T101" in planned.output
    assert "not applied" in applied.output


def test_faulty_files_are_told_with_their_place(site: Path) -> None:
    form = site / "forms/games/game.yaml"
    form.write_text(form.read_text().replace("type: money", "type: monny"))
    applied = weft("apply")
    assert applied.exit_code == 1
    assert "forms/games/game.yaml:6:" in applied.output


def test_imported_rows_come_out_again(site: Path) -> None:
    weft("apply")
    assert weft("import --company club games.yaml").output == "2 created, 0 updated, 0 unchanged, 0 refused\n"
    assert weft("import --company club games.yaml").output == "0 created, 0 updated, 2 unchanged, 0 refused\n"
    exported = weft("export --company club games.game --where price>10")
    assert "Go" in exported.output
    assert "Chess" not in exported.output


def test_refused_rows_are_counted_and_named(site: Path) -> None:
    weft("apply")
    (site / "games.csv").write_text("title,euro\nChess,cheap\nGo,25\n", encoding="utf-8")
    done = weft("import --company club games.yaml")
    assert done.exit_code == 1
    assert "1 created, 0 updated, 0 unchanged, 1 refused" in done.output


def test_an_export_as_somebody_holds_only_what_that_person_sees(site: Path) -> None:
    weft("apply")
    weft("import --company club games.yaml")
    weft("user add --company club --role player eve", "correct horse battery\n" * 2)
    exported = weft("export --company club games.game --as eve")
    assert "Chess" in exported.output
    assert "Go" not in exported.output


def test_people_are_added_and_listed(site: Path) -> None:
    weft("apply")
    added = weft("user add --company club --role player --name Eve eve", "correct horse battery\n" * 2)
    assert "eve can sign in at /club/sign-in" in added.output
    listed = weft("user list --company club").output
    assert "eve" in listed
    assert "player" in listed


def test_a_weak_password_is_refused_with_a_reason(site: Path) -> None:
    weft("apply")
    added = weft("user add --company club eve", "12345678\n" * 2)
    assert added.exit_code == 1
    assert "error[" in added.output


def test_a_company_that_does_not_exist_is_said_plainly(site: Path) -> None:
    done = weft("user list --company nobody")
    assert done.exit_code == 1
    assert "no such company" in done.output


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::"])  # noqa: S104 - they are refused
def test_a_demo_site_listens_on_this_machine_only(site: Path, host: str) -> None:
    (site / "site.yaml").write_text(SITE["site.yaml"] + "demo: true\n")
    done = weft(f"run --host {host} --https")
    assert done.exit_code == 1
    assert "this machine only" in done.output


def test_other_addresses_need_https(site: Path) -> None:
    done = weft("run --host 0.0.0.0")
    assert done.exit_code == 1
    assert "--https" in done.output


def test_run_serves_the_healthy_companies_and_says_what_keeps_the_others_back(
    site: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served: list[object] = []
    monkeypatch.setattr("waitress.serve", lambda app, **_: served.append(app))
    (site / "site.yaml").write_text(SITE["site.yaml"].replace("[club]", "[club, team, pool]"))
    for name in ("team", "pool"):
        folder = site / f"forms/companies/{name}"
        (folder / "games").mkdir(parents=True)
        (folder / "company.yaml").write_text(SITE["forms/companies/club/company.yaml"].replace("club", name))
    (site / "forms/companies/team/games/game.yaml").write_text("overlay: games.game\nviews: {remove: [lost]}\n")
    weft("apply --company club")
    said = weft("run")
    assert said.exit_code == 0
    assert len(served) == 1
    assert "team: its definition files are not applied" in said.output
    assert "error[O104]" in said.output
    assert "pool: not served" in said.output
    assert "error[R119]" in said.output
    assert "first administrator of club" in said.output
    assert "club: not served" not in said.output
