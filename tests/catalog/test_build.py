"""What a catalog holds once its definitions have been checked."""

from __future__ import annotations

from decimal import Decimal

import pytest

from engine.catalog.access import ADMINISTRATOR
from engine.catalog.catalog import Catalog, Dependent, Hop
from engine.catalog.scopes import FormScope, compile_filter
from engine.problems import ProblemsFound
from tests.sites import build_test_catalog

PROJECT = """
    form: crm.project
    label: {en: Project, zh: 项目}
    title: "{number} {name}"
    number: "P{year}-{serial:4}"
    owner: leader
    fields:
      name: {type: text, required: true}
      leader: {type: user, default: "=me", inverse: {name: projects, label: {en: Projects, zh: 项目}}}
      parent: {type: link, to: crm.project, tree: true, inverse: {name: parts}}
      stage: stage
      kind: {type: choice, choices: {big: {label: Big, value: 3}, small: {label: Small, value: 1}}, default: small}
      rate: {type: percent, default: 10%}
      paid: {type: money, formula: "SUM(payments.amount)"}
      share: {type: percent, formula: "DIVIDE(paid, total, NULL)"}
      lines:
        type: lines
        fields:
          price: {type: money, access: {see: [finance]}}
          count: {type: integer, check: {"count > 0": More than none}}
          amount: {type: money, formula: "price * count * (1 - rate)"}
      total: {type: money, formula: "SUM(lines.amount)"}
    access:
      sales: {see: "own or department", create: true, change: "own and stage < 'closing'"}
      manager: {see: team, delete: team}
"""
PAYMENT = """
    form: crm.payment
    fields:
      project: {type: link, to: crm.project, required: true, on_delete: cascade, inverse: {name: payments}}
      amount: money
      region: {type: text, formula: "project.name"}
    access:
      finance: {see: always, create: always, change: always, import: never}
"""
STAGES = """
    pipeline: crm.project_stages
    of: crm.project.stage
    stages:
      draft: {label: Draft, probability: 20%}
      offer: {label: Offer, probability: 50%, requires: [name], tasks: {call: {label: Call, done_when: "total > 0"}}}
      closing: {label: Closing, stands_for: offer_out, stale_after: 14 days}
    ends:
      won: {outcome: won}
      lost: {outcome: lost}
"""
FILES = {
    "forms/crm/project.yaml": PROJECT,
    "forms/crm/payment.yaml": PAYMENT,
    "workflows/crm/project_stages.yaml": STAGES,
}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return build_test_catalog(FILES)


def test_formulas_are_ordered_lines_first(catalog: Catalog) -> None:
    order = catalog.form("crm.project").formula_order
    assert set(order) == {"paid", "share", "lines.amount", "total"}
    assert order.index("lines.amount") < order.index("total") < order.index("share")
    assert order.index("paid") < order.index("share")


def test_what_depends_on_other_records_is_known_with_the_way_back(catalog: Catalog) -> None:
    assert catalog.dependents["crm.payment"] == (
        Dependent("crm.project", "paid", frozenset({"amount", "project"}), (Hop("rows", ("project",), "crm.payment"),), 0),
    )
    assert catalog.dependents["crm.project"] == (
        Dependent("crm.payment", "region", frozenset({"name"}), (Hop("link", ("project",), "crm.payment"),), 0),
    )


def test_related_lists_come_from_links(catalog: Catalog) -> None:
    related = catalog.form("crm.project").related
    assert {name: (each.form, each.field) for name, each in related.items()} == {
        "parts": ("crm.project", "parent"), "payments": ("crm.payment", "project"),
    }  # fmt: skip
    assert catalog.form("people.person").related["projects"].label == {"en": "Projects", "zh": "项目"}


def test_number_title_and_unique_number(catalog: Catalog) -> None:
    form = catalog.form("crm.project")
    assert form.number is not None
    assert form.number.parts == ("P", ("year",), "-", ("serial", "4"))
    assert form.title.parts == (("number",), " ", ("name",))
    assert form.fields["number"].type == "serial"
    assert [unique.fields for unique in form.uniques] == [("number",)]
    assert next(iter(form.fields)) == "number"


def test_defaults_are_values_or_expressions(catalog: Catalog) -> None:
    fields = catalog.form("crm.project").fields
    assert fields["rate"].default is not None
    assert fields["rate"].default.constant == Decimal("0.1000")
    assert fields["kind"].default is not None
    assert fields["kind"].default.constant == "small"
    assert fields["leader"].default is not None
    assert fields["leader"].default.volatile == {"me"}


def test_access_has_its_defaults(catalog: Catalog) -> None:
    access = catalog.form("crm.project").access
    assert set(access.rules["sales"]) == {"see", "create", "change", "export", "import", "assign"}
    assert set(access.rules["manager"]) == {"see", "export", "delete"}
    assert access.rules[ADMINISTRATOR]["delete"].constant is True
    assert "import" not in catalog.form("crm.payment").access.rules["finance"]
    assert "sales" not in catalog.form("crm.payment").access.rules


def test_a_form_without_rules_is_for_the_administrator_only() -> None:
    form = build_test_catalog({"forms/crm/task.yaml": "form: crm.task\nfields: {name: text}\n"}).form("crm.task")
    assert set(form.access.rules) == {ADMINISTRATOR}


def test_computed_fields_inherit_the_rules_of_what_they_are_computed_from(catalog: Catalog) -> None:
    fields = catalog.form("crm.project").fields
    total, paid, amount = fields["total"].access, fields["paid"].access, fields["lines"].fields["amount"].access
    assert amount is not None
    assert amount.inherited == (("crm.project", "lines.price"),)
    assert total is not None
    assert total.inherited == (("crm.project", "lines.price"),)
    assert paid is not None
    assert paid.inherited == (("crm.payment", "amount"), ("crm.payment", "project"))


def test_stages_have_order_probability_and_tasks(catalog: Catalog) -> None:
    (stages,) = catalog.stage_sets["crm.project", "stage"]
    assert [(stage.id, stage.rank, stage.outcome) for stage in stages.stages.values()] == [
        ("draft", 0, "open"), ("offer", 1, "open"), ("closing", 2, "open"), ("won", 3, "won"), ("lost", 4, "lost"),
    ]  # fmt: skip
    assert stages.first.probability == Decimal("0.2")
    assert stages.stages["won"].probability == 1
    assert stages.stages["closing"].stale_after == 14
    assert stages.stages["offer"].tasks["call"].done_when is not None
    assert [choice.id for choice in catalog.form("crm.project").fields["stage"].choices][:2] == ["draft", "offer"]


@pytest.mark.parametrize(
    ("operator", "name", "stages"),
    [
        ("=", "offer", ("offer",)), ("<>", "offer", ("draft", "closing", "won", "lost")),
        (">=", "offer", ("offer", "closing", "won")), ("<", "closing", ("draft", "offer")),
        ("=", "offer_out", ("closing",)), (">", "offer_out", ("won",)), ("<", "lost", ()), ("=", "nothing", None),
    ],
)  # fmt: skip
def test_a_stage_in_a_comparison_means_ids(
    catalog: Catalog, operator: str, name: str, stages: tuple[str, ...] | None
) -> None:
    assert FormScope(catalog, "crm.project").stages(("stage",), operator, name) == stages
    if stages is not None:
        assert FormScope(catalog, "crm.payment").stages(("project", "stage"), operator, name) == stages


def test_stage_and_option_properties_are_usable_in_filters(catalog: Catalog) -> None:
    for text in (
        "stage.probability >= 0.5 and stage.outcome = 'open'", "stage.days > 14", "kind.value > 1",
        "leader.department.name = 'x'", "SUM(below.total) > 0", "me.department = leader.department",
        "version > 1 and created_by = me", "COUNT(payments[amount > 5]) = 0",
    ):  # fmt: skip
        assert compile_filter(catalog, "crm.project", text).type.kind == "boolean"
    with pytest.raises(ProblemsFound) as found:
        compile_filter(catalog, "crm.project", "own")
    assert found.value.problems[0].code == "FX010"


def test_views_page_and_menu_are_generated_when_left_out(catalog: Catalog) -> None:
    form = catalog.form("crm.payment")
    assert form.views["list"].columns == ("project", "amount", "region")
    assert [section.fields for section in form.page.sections] == [("project", "amount", "region")]
    assert [tab.id for tab in catalog.form("crm.project").page.tabs] == ["payments", "parts", "files", "history"]
    assert [group.entries for group in catalog.menu] == [
        ("crm.payment", "crm.project"), ("people.person", "people.department"),
    ]  # fmt: skip


def test_a_persons_roles_are_those_of_the_company(catalog: Catalog) -> None:
    roles = [choice.id for choice in catalog.form("people.person").fields["roles"].choices]
    assert roles == ["administrator", "sales", "manager", "finance"]


def test_chinese_and_long_names_get_safe_columns() -> None:
    long = "a_very_long_name_for_a_form_of_lines"
    files = {f"forms/crm/{long}.yaml": f"form: crm.{long}\nfields:\n  客户名称: text\n  name: text\n"}
    form = build_test_catalog(files).form(f"crm.{long}")
    assert form.fields["name"].column == "name"
    assert form.fields["客户名称"].column.isascii()
    assert form.fields["客户名称"].column != form.fields["name"].column
    assert len(form.table) <= 30


def test_an_empty_number_counts_as_zero_where_the_field_says_so() -> None:
    files = {"forms/crm/task.yaml": "form: crm.task\nfields:\n  a: {type: money, blank: zero}\n  b: {type: money, formula: a + 1}\n"}
    formula = build_test_catalog(files).form("crm.task").fields["b"].formula
    assert formula is not None
    assert formula.node.args[0].op == "N0"


def test_fields_an_overlay_adds_stand_behind_the_field_before_them() -> None:
    files = {
        "forms/crm/task.yaml": """
            form: crm.task
            fields: {name: text, due: date, note: long_text}
            page: {sections: {basics: {fields: [name, due]}, more: {fields: [note]}}}
        """,
        "forms/companies/acme/crm/task.yaml": "overlay: crm.task\nfields: {source: {type: text, after: name}}\n",
    }
    sections = build_test_catalog(files).form("crm.task").page.sections
    assert [section.fields for section in sections] == [("name", "source", "due"), ("note",)]


def test_actions_create_set_and_copy_lines() -> None:
    files = {
        **FILES,
        "forms/crm/order.yaml": """
            form: crm.order
            fields:
              project: {type: link, to: crm.project, inverse: {name: orders}}
              lines: {type: lines, fields: {price: money, count: integer}}
        """,
        "forms/companies/acme/crm/project.yaml": """
            overlay: crm.project
            fields: {last_order: {type: link, to: crm.order, inverse: {name: last_of}}}
            actions:
              order:
                creates: crm.order
                with: {project: "=this", lines: {from: lines, where: "row.count > 0", set: {price: "=row.price * 2"}}}
                when: "stage = 'offer'"
                back: last_order
              win: {sets: {stage: won}, confirm: Sure?, asks: {reason: {type: text, required: true}}}
              copy: duplicate
        """,
    }
    actions = build_test_catalog(files).form("crm.project").actions
    assert {name: action.kind for name, action in actions.items()} == {
        "order": "creates", "win": "sets", "copy": "duplicate",
    }  # fmt: skip
    assert (actions["order"].creates, actions["order"].back) == ("crm.order", "last_order")
    assert actions["order"].lines["lines"].source == "lines"
    assert set(actions["order"].lines["lines"].set) == {"price"}
    assert actions["win"].values["stage"].constant == "won"
    assert list(actions["win"].asks) == ["reason"]
    assert actions["copy"].label["zh"] == "复制"


@pytest.mark.parametrize(
    "rule", ["REPT(name, 2) = 'xx'", "MASK(name, 1, 1) = 'x'", "COUNT(payments[project.parts.name = 'x']) > 0"]
)
def test_rules_that_no_query_can_ask_are_refused(rule: str) -> None:
    overlay = f'overlay: crm.project\naccess: {{manager: {{see: "{rule}"}}}}\n'
    with pytest.raises(ProblemsFound) as found:
        build_test_catalog({**FILES, "forms/companies/acme/crm/project.yaml": overlay})
    assert {problem.code for problem in found.value.problems} <= {"FX042", "FX013"}


def test_options_of_a_shared_list_may_depend_on_other_fields() -> None:
    files = {
        "forms/crm/kinds.yaml": "choices: crm.kinds\noptions: {a: A, b: {label: B, where: \"amount > 5\"}}\n",
        "forms/crm/task.yaml": "form: crm.task\nfields: {amount: money, kind: {type: choice, choices: crm.kinds}}\n",
    }
    first, second = build_test_catalog(files).form("crm.task").fields["kind"].choices
    assert first.where is None
    assert second.where is not None


def test_a_check_that_is_wrong_is_pointed_at_inside_its_quotes() -> None:
    form = 'form: crm.task\nfields:\n  amount: {type: money, check: {"amuont > 0": No}}\n'
    with pytest.raises(ProblemsFound) as found:
        build_test_catalog({"forms/crm/task.yaml": form})
    assert str(found.value.problems[0].at) == "forms/crm/task.yaml:3:34"


def test_all_problems_come_at_once() -> None:
    files = {
        "forms/crm/task.yaml": """
            form: crm.task
            owner: nobody
            fields:
              name: {type: text, required: "amuont > 0"}
              total: {type: money, formula: "nmae * 2"}
            access: {boss: {see: always}}
        """
    }
    with pytest.raises(ProblemsFound) as found:
        build_test_catalog(files)
    assert sorted(problem.code for problem in found.value.problems) == ["C103", "C105", "FX010", "FX010"]


def test_the_quotation_of_the_guide_is_understood_as_written() -> None:
    files = {
        "forms/crm/customer.yaml": """
            form: crm.customer
            owner: owner
            fields:
              name: text
              address: address
              owner: user
              pool: boolean
              main_contact: {type: link, to: crm.contact}
        """,
        "forms/crm/contact.yaml": "form: crm.contact\nfields: {name: text}\n",
        "forms/crm/product.yaml": "form: crm.product\nfields: {name: text, list_price: money, unit: text}\n",
        "forms/crm/quote.yaml": """
            form: crm.quote
            label: {en: Quotation, zh: 报价单}
            icon: file-invoice
            title: "{number} {customer.name}"
            number: "QT-{year}{month}-{serial:4}"
            owner: salesperson
            fields:
              salesperson: {type: user, default: "=me"}
              contact: {type: link, to: contact}
              address: address
              revision: integer
              customer:
                {type: link, to: crm.customer, required: true, inverse: {name: quotes, label: {zh: 报价记录}}, on_delete: restrict,
                 where: "owner = me or pool", fill: {address: customer.address, contact: customer.main_contact}}
              valid_until: {type: date, default: "=TODAY() + 30", check: {"valid_until > TODAY()": {zh: 有效期必须晚于今天}}}
              kind: {type: choice, choices: {system: {zh: 系统, color: blue}, spare: {zh: 备品}}, default: system}
              drawing: {type: file, visible: "kind = 'system'", required: "kind = 'system' and total > 100000", many: true}
              lines:
                type: lines
                fields:
                  product: {type: link, to: crm.product, required: true, fill: {price: product.list_price, unit: product.unit}}
                  unit: text
                  quantity: {type: number, places: 2, required: true, check: {"quantity > 0": {zh: 数量必须大于 0}}}
                  price: money
                  discount: {type: percent, default: 0}
                  amount: {type: money, formula: "ROUND(quantity * price * (1 - discount), 2)"}
              total: {type: money, formula: "SUM(lines.amount)"}
              cost: {type: money, access: {see: [finance], change: [manager]}}
              margin: {type: percent, formula: "DIVIDE(total - cost, total, NULL)"}
            checks:
              one_per_customer: {unique: [customer, revision], message: {zh: 同一客户不能有两个相同版本的报价}}
            page:
              sections:
                basics: {columns: 2, fields: [customer, kind, valid_until, drawing]}
                items: {fields: [lines, total, margin]}
              figures: [total, margin]
              tabs: [history]
            views:
              list: {columns: [number, customer, kind, total, valid_until], sort: -number, filters: [kind, customer, salesperson]}
              expiring: {label: {zh: 即将到期}, where: "valid_until < TODAY() + 7 and kind = 'system'"}
            actions:
              again: {label: {zh: 再报一次}, creates: crm.quote, with: {customer: "=customer", lines: "=lines"}, when: "total > 0"}
              copy: duplicate
            access:
              sales: {see: own, create: true, change: "own and kind = 'spare'"}
              manager: {see: team, change: team}
              finance: {see: always}
        """,
    }  # fmt: skip
    quote = build_test_catalog(files).form("crm.quote")
    assert quote.fields["kind"].choices[0].label == {"zh": "系统"}
    assert quote.fields["kind"].choices[0].color == "blue"
    margin = quote.fields["margin"].access
    assert margin is not None
    assert margin.inherited == (("crm.quote", "cost"),)
    assert quote.fields["lines"].fields["product"].fill["price"] == ("product", "list_price")
    assert quote.actions["again"].lines["lines"].source == "lines"


STAGES_OF = "pipeline: crm.{name}\nof: crm.task.stage\nwhen: \"{when}\"\nstages: {{open: Open}}\n"


def gaps(fields: str, *conditions: str) -> list[str]:
    """What the problems of several sets of one field say is missing."""
    files = {"forms/crm/task.yaml": f"form: crm.task\nfields:\n  stage: stage\n{fields}"}
    for at, when in enumerate(conditions):
        files[f"workflows/crm/set_{at}.yaml"] = STAGES_OF.format(name=f"set_{at}", when=when)
    try:
        build_test_catalog(files)
    except ProblemsFound as found:
        return [str(problem.values["case"]) for problem in found.problems if problem.code == "C139"]
    return []


def test_several_stage_sets_leave_no_option_out() -> None:
    kind = "  kind: {type: choice, required: true, choices: {a: A, b: B, c: C}}\n"
    assert gaps(kind, "kind = 'a'", "kind = 'b'") == ["kind = 'c'"]
    assert gaps(kind, "kind = 'a'", "kind <> 'a'") == []
    assert gaps(kind, "kind in ['a', 'b']", "kind = 'c'") == []
    assert gaps(kind.replace("required: true, ", ""), "kind in ['a', 'b']", "kind = 'c'") == ["ISEMPTY(kind)"]
    assert gaps(kind + "  big: boolean\n", "kind = 'a' and big", "kind <> 'a'") == ["kind = 'a' and not big"]


def test_conditions_on_other_fields_cannot_be_tried_out() -> None:
    assert gaps("  amount: money\n", "amount > 10", "amount < 10") == []
