"""From files to one company's definitions: layers in order, apps in order, problems where they belong."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.problems import ProblemsFound
from engine.source.layers import find_layers
from engine.source.resolve import lay_over
from engine.source.resolved import Resolved
from engine.source.site_files import read_site
from engine.source.tree import plain
from tests.sites import resolve_site, write_site

TASK = "form: crm.task\nfields: {name: text, amount: money}\n"
TWO = {
    "site.yaml": "site: test\ncompanies: [acme, beta]\n",
    "forms/companies/beta/company.yaml": "company: beta\napps: [crm]\n",
    "forms/crm/task.yaml": TASK,
}


def test_pack_site_and_company_lie_on_each_other(tmp_path: Path) -> None:
    site = write_site(
        tmp_path,
        {
            "templates_pack/crm/app.yaml": "app: crm\n",
            "templates_pack/crm/forms/lead.yaml": "form: crm.lead\nlabel: Lead\nfields: {name: text}\n",
            "forms/crm/lead.yaml": "overlay: crm.lead\nlabel: Prospect\nfields: {source: text}\n",
            "forms/companies/acme/crm/lead.yaml": "overlay: crm.lead\nlabel: Contact\n",
            "forms/crm/app.yaml": "app: crm\nroles: {sales: Sales}\n",
        },
    )
    lead = resolve_site(site).definitions["crm.lead"].item
    assert plain(lead) == {
        "form": "crm.lead", "label": {"en": "Contact"}, "fields": {"name": {"type": "text"}, "source": {"type": "text"}},
    }  # fmt: skip
    label = lead.map["label"].map["en"]
    assert [label.layer, *(lost.layer for lost in label.beaten)] == ["company acme", "site", "pack crm"]


def test_an_app_may_overlay_a_form_of_an_app_it_requires(tmp_path: Path) -> None:
    site = write_site(
        tmp_path,
        {
            "templates_pack/aid/app.yaml": "app: aid\nrequires: [crm]\n",
            "templates_pack/aid/forms/crm/task.yaml": "overlay: crm.task\nfields: {campaign: text}\n",
            "forms/companies/acme/company.yaml": "company: acme\napps: [aid, crm]\n",
            "templates_pack/crm/app.yaml": "app: crm\n",
            "templates_pack/crm/forms/task.yaml": TASK,
            "forms/crm/app.yaml": "app: crm\n",
        },
    )
    resolved = resolve_site(site)
    assert list(resolved.apps) == ["people", "crm", "aid"]
    assert "campaign" in resolved.definitions["crm.task"].item.map["fields"].map


def test_an_overlay_that_misses_is_a_problem_of_its_company_only(tmp_path: Path) -> None:
    files = {**TWO, "forms/companies/beta/crm/task.yaml": "overlay: crm.task\nfields: {amuont: remove}\n"}
    site = read_site(find_layers(write_site(tmp_path, files), tmp_path / "templates_pack"))
    assert "crm.task" in lay_over(site, "acme").definitions
    with pytest.raises(ProblemsFound) as found:
        lay_over(site, "beta")
    assert [problem.code for problem in found.value.problems] == ["O102"]


def test_overlays_of_a_definition_that_is_wrong_itself_add_no_noise(tmp_path: Path) -> None:
    overlay = "overlay: crm.task\nfields: {amount: {required: true}}\n"
    files = {**TWO, "forms/crm/task.yaml": "form: crm.task\n", "forms/companies/acme/crm/task.yaml": overlay}
    with pytest.raises(ProblemsFound) as found:
        resolve_site(write_site(tmp_path, files))
    assert [problem.code for problem in found.value.problems] == ["D102"]


def test_a_merged_definition_has_its_shape_checked_again(tmp_path: Path) -> None:
    overlay = "overlay: crm.task\nfields: {amount: {requierd: true}}\n"
    site = write_site(tmp_path, {**TWO, "forms/companies/acme/crm/task.yaml": overlay})
    with pytest.raises(ProblemsFound) as found:
        resolve_site(site)
    problem = found.value.problems[0]
    assert (problem.code, problem.values["near"], str(problem.at)) == (
        "D101", "required", "forms/companies/acme/crm/task.yaml:2:19",
    )  # fmt: skip


def test_what_is_stored_as_json_comes_back_equal(tmp_path: Path) -> None:
    overlay = "overlay: crm.task\nlabel: {en: Job}\nfields: {name: {max_length: 80}}\n"
    resolved = resolve_site(write_site(tmp_path, {**TWO, "forms/companies/acme/crm/task.yaml": overlay}))
    again = Resolved.from_json(resolved.to_json())
    assert again == resolved
    assert again.digest == resolved.digest


def test_the_digest_changes_with_a_value_and_with_the_order(tmp_path: Path) -> None:
    one = resolve_site(write_site(tmp_path / "one", {"forms/crm/task.yaml": TASK}))
    same = resolve_site(write_site(tmp_path / "same", {"forms/crm/task.yaml": "# a comment\n" + TASK}))
    turned = TASK.replace("name: text, amount: money", "amount: money, name: text")
    other = resolve_site(write_site(tmp_path / "other", {"forms/crm/task.yaml": turned}))
    assert one.digest == same.digest
    assert one.digest != other.digest


@pytest.mark.parametrize("folder", ["forms/crn", "forms/companies/acme/crn"])
def test_a_file_in_the_folder_of_an_unknown_app_is_not_passed_over(tmp_path: Path, folder: str) -> None:
    site = write_site(tmp_path, {f"{folder}/job.yaml": "form: crn.job\nfields: {name: text}\n"})
    with pytest.raises(ProblemsFound) as found:
        resolve_site(site)
    assert [(problem.code, problem.values["near"]) for problem in found.value.problems] == [("S104", "crm")]


def test_later_kinds_say_that_they_come_later(tmp_path: Path) -> None:
    site = write_site(tmp_path, {"workflows/crm/sales.yaml": "automation: crm.sales\nwhen: {}\n"})
    with pytest.raises(ProblemsFound) as found:
        resolve_site(site)
    assert [problem.code for problem in found.value.problems] == ["D108"]
