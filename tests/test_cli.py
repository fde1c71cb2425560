"""The definition commands as an administrator types them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from engine.cli import main
from engine.source.shape import read_schema
from tests.sites import write_site

FILES = {
    "forms/crm/task.yaml": "form: crm.task\nlabel: Task\nfields: {name: text, amount: money}\n",
    "forms/companies/acme/crm/task.yaml": (
        "overlay: crm.task\nlabel: {en: Job}\nfields: {amount: remove, due: {type: date, after: name}}\n"
    ),
}


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "templates_pack").mkdir()
    return write_site(tmp_path, FILES)


def weft(*words: str) -> Result:
    return CliRunner().invoke(main, list(words), catch_exceptions=False)


def test_check_finds_nothing_wrong_and_remembers_it(site: Path) -> None:
    first, second = weft("check", "--site", str(site)), weft("check", "--site", str(site))
    assert (first.exit_code, first.output) == (0, "No problems.\n")
    assert (second.exit_code, second.output) == (0, "No problems.\n")
    assert len(list((site / "var" / "cache").iterdir())) == 1


def test_a_change_is_noticed_whatever_was_remembered(site: Path) -> None:
    weft("check", "--site", str(site))
    (site / "forms/crm/task.yaml").write_text("form: crm.task\nfields: {name: txt, amount: money}\n", encoding="utf-8")
    wrong = weft("check", "--site", str(site), "--language", "zh")
    assert wrong.exit_code == 1
    assert "错误[C101]: 字段“name”的类型“txt”不存在。" in wrong.output
    again = weft("check", "--site", str(site), "--language", "zh")
    assert again.output == wrong.output


def test_check_answers_in_json(site: Path) -> None:
    (site / "forms/crm/task.yaml").write_text("form: crm.task\nfields: {name: txt, amount: money}\n", encoding="utf-8")
    answer = weft("check", "--site", str(site), "--json")
    (problem,) = [each for each in json.loads(answer.output)["problems"] if each["code"] == "C101"]
    assert answer.exit_code == 1
    assert (problem["file"], problem["line"], problem["column"], problem["length"]) == ("forms/crm/task.yaml", 2, 16, 3)
    assert problem["severity"] == "error"
    assert problem["hint"] == {"en": "Did you mean 'text'?", "zh": "是不是“text”？"}


def test_check_of_one_company_leaves_the_others_alone(site: Path) -> None:
    (site / "site.yaml").write_text("site: test\ncompanies: [acme, beta]\n", encoding="utf-8")
    write_site(site, {
        **FILES, "site.yaml": "site: test\ncompanies: [acme, beta]\n",
        "forms/companies/beta/company.yaml": "company: beta\napps: [crm]\n",
        "forms/companies/beta/crm/task.yaml": "overlay: crm.task\nfields: {amuont: remove}\n",
    })  # fmt: skip
    assert weft("check", "--site", str(site), "--company", "acme").exit_code == 0
    assert weft("check", "--site", str(site), "--company", "beta").exit_code == 1


def test_why_shows_the_layer_and_what_it_beat(site: Path) -> None:
    answer = weft("why", "crm.task.label", "--site", str(site), "--company", "acme")
    assert answer.output == (
        "crm.task.label.en = Job\n"
        "    forms/companies/acme/crm/task.yaml:2:13  (company acme)\n"
        "    < Task\n"
        "      forms/crm/task.yaml:2:8  (site)\n"
    )


def test_diff_lists_what_a_company_changes(site: Path) -> None:
    answer = weft("diff", "acme", "--site", str(site), "--language", "en")
    assert [line for line in answer.output.splitlines() if not line.startswith("    ")] == [
        "~ crm.task.label.en: Task -> Job",
        "+ crm.task.fields.due: {type: date}",
        "- crm.task.fields.amount: {type: money}",
        "3 difference(s)",
    ]


def test_init_writes_a_site_that_checks_clean(tmp_path: Path) -> None:
    assert weft("init", str(tmp_path / "fresh")).exit_code == 0
    assert (tmp_path / "fresh" / ".vscode" / "settings.json").is_file()
    assert weft("check", "--site", str(tmp_path / "fresh")).output == "No problems.\n"


def test_schema_keeps_the_settings_that_are_there(tmp_path: Path) -> None:
    settings = tmp_path / ".vscode" / "settings.json"
    settings.parent.mkdir()
    settings.write_text('{"editor.tabSize": 2}', encoding="utf-8")
    assert weft("schema", str(tmp_path)).exit_code == 0
    stored = json.loads(settings.read_text(encoding="utf-8"))
    assert stored["editor.tabSize"] == 2
    assert "./.weft/schemas/definition.schema.json" in stored["yaml.schemas"]


@pytest.mark.parametrize("kind", ["common", "form", "pipeline", "app", "company", "site", "choices", "data", "import"])
def test_every_key_of_every_schema_is_described(kind: str) -> None:
    common = read_schema("common")["$defs"]

    def undescribed(schema: object, path: str) -> list[str]:
        found: list[str] = []
        if isinstance(schema, dict):
            for name, entry in schema.get("properties", {}).items():
                target = common.get(str(entry.get("$ref", "")).rpartition("/")[2], {})
                if not entry.get("description") and not target.get("description"):
                    found.append(f"{path}.{name}")
            for name, entry in schema.items():
                found += undescribed(entry, f"{path}.{name}")
        return found

    local = read_schema(kind).get("$defs", {})
    missing = [each for each in undescribed(read_schema(kind), kind) if each.rpartition(".")[2] not in local]
    assert missing == []
