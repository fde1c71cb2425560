"""Stored formulas over several records: ranks, cut-off, freezing, once, trees, links followed for ever."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from engine.runtime.actors import SYSTEM
from engine.services import records
from engine.storage.database import DatabaseAddress
from tests.statements import count_statements
from tests.worlds import World, build_world, codes

FILES = {
    "forms/crm/app.yaml": "app: crm\nlabel: CRM\n",
    "forms/crm/group.yaml": """\
        form: crm.group
        label: {en: Group}
        title: "{name}"
        fields:
          name: text
          up: {type: link, to: crm.group, tree: true}
          direct: {type: money, formula: "SUM(projects.cost)"}
          all: {type: money, formula: "SUM(below.direct)"}
          busy: {type: boolean, formula: "direct > 100"}
          busy_projects: {type: integer, formula: "COUNT(projects[cost > 10])"}
        """,
    "forms/crm/project.yaml": """\
        form: crm.project
        label: {en: Project}
        title: "{name}"
        fields:
          name: text
          rate: {type: number, places: 2, default: 1}
          group: {type: link, to: crm.group, inverse: {name: projects, label: {en: Projects}}}
          group_name: {type: text, formula: "group.name", compute: stored}
          closed: boolean
          first_name: {type: text, formula: "name", compute: once}
          cost: {type: money, formula: "SUM(jobs.price) * rate", freeze: closed}
          label_of_group: {type: text, formula: 'group.name & " / " & name', compute: read}
        """,
    "forms/crm/job.yaml": """\
        form: crm.job
        label: {en: Job}
        title: "{name}"
        fields:
          name: text
          price: money
          remark: text
          project: {type: link, to: crm.project, inverse: {name: jobs, label: {en: Jobs}}}
        """,
}


@pytest.fixture
def tree(tmp_path: Path, database_address: DatabaseAddress) -> Iterator[World]:
    built = build_world(tmp_path / "tree", database_address, FILES)
    yield built
    built.site.close()


def value(world: World, form: str, record_id: int | None, field: str) -> object:
    return records.fetch_record(world.company, SYSTEM, f"crm.{form}", record_id or 0).values[field]


def test_a_price_reaches_the_top_of_the_tree_in_one_save(tree: World) -> None:
    top = tree.save(SYSTEM, "group", name="Top").id
    low = tree.save(SYSTEM, "group", name="Low", up=top).id
    project = tree.save(SYSTEM, "project", name="P", group=low, rate="2").id
    job = tree.save(SYSTEM, "job", name="J", price="60", project=project).id
    assert value(tree, "project", project, "cost") == Decimal("120.00")
    assert value(tree, "group", low, "direct") == Decimal("120.00")
    assert value(tree, "group", low, "busy") is True
    assert value(tree, "group", top, "all") == Decimal("120.00")
    tree.save(SYSTEM, "job", job, price="1")
    assert [value(tree, "group", low, name) for name in ("direct", "busy", "busy_projects")] == [
        Decimal("2.00"),
        False,
        0,
    ]
    assert value(tree, "group", top, "all") == Decimal("2.00")


def test_moving_a_branch_moves_its_sums(tree: World) -> None:
    left, right = (tree.save(SYSTEM, "group", name=name).id for name in ("Left", "Right"))
    branch = tree.save(SYSTEM, "group", name="Branch", up=left).id
    project = tree.save(SYSTEM, "project", name="P", group=branch).id
    tree.save(SYSTEM, "job", price="5", project=project)
    assert value(tree, "group", left, "all") == Decimal("5.00")
    tree.save(SYSTEM, "group", branch, up=right)
    assert value(tree, "group", left, "all") == Decimal("0.00")
    assert value(tree, "group", right, "all") == Decimal("5.00")


def test_an_own_value_beside_a_sum_counts_as_well(tree: World) -> None:
    project = tree.save(SYSTEM, "project", name="P").id
    tree.save(SYSTEM, "job", price="5", project=project)
    tree.save(SYSTEM, "project", project, rate="3")
    assert value(tree, "project", project, "cost") == Decimal("15.00")


def test_what_does_not_change_is_not_followed(tree: World) -> None:
    group = tree.save(SYSTEM, "group", name="G").id
    project = tree.save(SYSTEM, "project", name="P", group=group).id
    job = tree.save(SYSTEM, "job", name="J", price="5", project=project).id
    tree.save(SYSTEM, "job", job, price="6")
    with count_statements(tree.company.database.engine) as seen:
        tree.save(SYSTEM, "job", job, remark="nothing to do with any sum")
    assert [statement for statement in seen if "crm_group" in statement] == []


def test_a_frozen_formula_keeps_its_value_and_one_computed_once_never_changes(tree: World) -> None:
    project = tree.save(SYSTEM, "project", name="Old").id
    tree.save(SYSTEM, "job", price="5", project=project)
    tree.save(SYSTEM, "project", project, closed=True, name="New")
    tree.save(SYSTEM, "job", price="7", project=project)
    assert value(tree, "project", project, "first_name") == "Old"
    assert value(tree, "project", project, "cost") == Decimal("5.00")


def test_a_value_behind_a_link_follows_stored_or_read(tree: World) -> None:
    group = tree.save(SYSTEM, "group", name="One").id
    project = tree.save(SYSTEM, "project", name="P", group=group).id
    tree.save(SYSTEM, "group", group, name="Two")
    assert value(tree, "project", project, "group_name") == "Two"
    assert value(tree, "project", project, "label_of_group") == "Two / P"


def test_a_number_that_its_column_cannot_hold_is_refused(tree: World) -> None:
    project = tree.save(SYSTEM, "project", name="P", rate="1").id
    assert codes(lambda: tree.save(SYSTEM, "job", price="9" * 20, project=project)) != []
