"""Each demo company is the same pack with its own stages, fields and words, by overlays alone."""

from __future__ import annotations

import pytest

from engine.catalog.catalog import Catalog
from engine.catalog.stages import StageSet
from tests.templates_pack.demo import COMPANIES, demo_catalog, read_demo_site


def opportunity_stages(company: str) -> tuple[StageSet, ...]:
    return demo_catalog(company).stage_sets["crm.opportunity", "stage"]


def in_chinese(stages: StageSet, outcome: str | None = None) -> list[str]:
    """Labels of the open stages, or of the ends with this outcome."""
    wanted = outcome or "open"
    return [stage.label["zh"] for stage in stages.stages.values() if stage.outcome == wanted]


def test_the_site_names_the_six_companies() -> None:
    site = read_demo_site().site

    assert site is not None
    assert tuple(entry.text for entry in site.item.map["companies"].list) == COMPANIES


@pytest.mark.parametrize("company", COMPANIES)
def test_the_definitions_of_the_company_are_without_problems(company: str) -> None:
    catalog: Catalog = demo_catalog(company)

    assert {"crm.customer", "crm.opportunity", "crm.quote", "crm.contract", "crm.payment"} <= set(catalog.forms)


@pytest.mark.parametrize("company", COMPANIES)
def test_no_file_of_the_company_has_a_problem(company: str) -> None:
    files = read_demo_site().companies[company]

    assert [str(problem) for each in files for problem in each.problems] == []


def test_the_energy_integrator_walks_from_first_contact_to_the_result_of_the_tender() -> None:
    (stages,) = opportunity_stages("energy_integrator")

    assert in_chinese(stages) == ["前期", "跟进", "招标", "招标结果"]
    assert [in_chinese(stages, outcome) for outcome in ("won", "lost", "cancelled")] == [["赢单"], ["输单"], ["取消"]]


def test_the_instrument_maker_has_five_stages_with_nine_tasks() -> None:
    (stages,) = opportunity_stages("instrument_maker")
    tasks = [task.label["zh"] for stage in stages.stages.values() for task in stage.tasks.values()]

    assert in_chinese(stages) == ["需求确认", "方案确认", "报价确认", "招投标", "最终谈判"]
    assert in_chinese(stages, "lost") == ["输单"]
    assert in_chinese(stages, "void") == ["无效"]
    assert tasks == [
        "记录客户重要信息，挖掘客户需求",
        "识别需求满足点，明确产品需求匹配度",
        "相关部门制定方案",
        "客户确认方案",
        "销售沟通发起报价",
        "相关部门确认报价",
        "确认官网导入招投标信息",
        "招投标分析",
        "最终谈判，确认赢单后签订合同",
    ]


def test_the_components_distributor_hands_over_to_an_assistant_before_the_inquiry() -> None:
    (stages,) = opportunity_stages("components_distributor")

    assert in_chinese(stages) == ["需求挖掘", "询报价", "申样", "测试", "发起订单"]
    assert stages.stages["inquiry"].requires == ("assistant",)
    assert [task.label["zh"] for task in stages.stages["order"].tasks.values()] == ["小批订单", "批量订单"]


def test_the_inspection_exporter_has_a_long_way_for_systems_and_a_short_one_for_spare_parts() -> None:
    systems, spare_parts = opportunity_stages("inspection_exporter")

    assert len(in_chinese(systems)) == 4
    assert in_chinese(spare_parts) == ["商机登记", "报价中", "已发客户"]
    assert in_chinese(spare_parts, "won") == ["成单"]


def test_the_hvac_manufacturer_evaluates_a_project_before_it_designs() -> None:
    (stages,) = opportunity_stages("hvac_manufacturer")

    assert in_chinese(stages) == ["项目立项", "方案设计与选型", "投标报价", "合同谈判"]
    assert stages.stages["qualify"].requires == ("need", "product_line")


def test_a_form_of_one_company_is_unknown_to_the_others() -> None:
    having = [company for company in COMPANIES if "crm.channel" in demo_catalog(company).forms]

    assert having == ["hvac_manufacturer"]


def test_the_stages_of_a_company_stand_for_those_of_the_pack_where_the_pack_names_one() -> None:
    for company in COMPANIES:
        for stages in opportunity_stages(company):
            outcomes = {stage.outcome for stage in stages.stages.values()}
            assert {"open", "won", "lost"} <= outcomes, (company, stages.id)
