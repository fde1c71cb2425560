"""A site with everything a decision page can show: lines that are filled in, sums, signatures, signers, choosing."""

from __future__ import annotations

from pathlib import Path

from engine.runtime.actors import SYSTEM
from engine.services import people, records, setup
from engine.services.flow import commands
from engine.services.site import Site, open_site
from tests.sites import write_site
from tests.web.approval_site import FILES as PLAIN
from tests.web.approval_site import PEOPLE

COMPANY = "acme"
FILES = {
    **{name: PLAIN[name] for name in ("site.yaml", "forms/companies/acme/company.yaml")},
    "forms/work/app.yaml": PLAIN["forms/work/app.yaml"].replace("[contract, leave, note]", "[customer, contract]"),
    "forms/work/customer.yaml": """
        form: work.customer
        label: {en: Customer, zh: 客户}
        title: "{name}"
        fields: {name: {type: text, label: {en: Name, zh: 客户名称}, required: true}}
        access: {sales: {see: always, create: true, change: always}}
        """,
    "forms/work/contract.yaml": """
        form: work.contract
        label: {en: Contract, zh: 合同}
        title: "{name}"
        number: "HT-{year}-{serial:4}"
        owner: seller
        fields:
          name: {type: text, label: {en: Name, zh: 合同名称}, required: true, max_length: 80}
          customer: {type: link, to: work.customer, label: {en: Customer, zh: 客户}}
          seller: {type: user, label: {en: Seller, zh: 销售负责人}, default: "=me"}
          terms:
            type: choice
            label: {en: Terms of payment, zh: 付款条件}
            choices: {early: {en: 30 / 60 / 10 %, zh: 30% / 60% / 10%}, late: {en: 100 % at the end, zh: 验收后 100%}}
          delivery: {type: date, label: {en: Delivery, zh: 交付日期}}
          paper: {type: file, label: {en: Paper, zh: 合同附件}}
          note: {type: long_text, label: {en: Note, zh: 备注}}
          discount: {type: percent, label: {en: Discount, zh: 折扣}, places: 4, blank: zero}
          opinion: {type: text, label: {en: Opinion of finance, zh: 财务意见}}
          lines:
            type: lines
            label: {en: Lines, zh: 明细}
            fields:
              item: {type: text, label: {en: Item, zh: 产品}}
              quantity: {type: integer, label: {en: Quantity, zh: 数量}}
              price: {type: money, label: {en: Price, zh: 单价}}
              amount: {type: money, label: {en: Amount, zh: 金额}, formula: "quantity * price"}
          amount: {type: money, label: {en: Amount, zh: 合同金额}, formula: "SUM(lines.amount) * (1 - discount)", blank: zero}
        page:
          figures: [amount, discount]
          sections:
            main: {label: {en: Contract, zh: 合同}, fields: [name, customer, seller, terms, delivery, paper, note, opinion]}
            lines: {label: {en: Lines, zh: 明细}, fields: [lines, amount, discount]}
        access:
          sales: {see: own, create: true, change: own, delete: own}
          finance: {see: always}
        """,
    "workflows/work/review.yaml": """
        workflow: work.review
        label: {en: Contract review, zh: 合同审批}
        of: work.contract
        admin: [{role: flow_admin}]
        revoke: anytime
        start:
          who: [{role: sales}]
          edit: [name, customer, terms, delivery, note, lines]
          require: [lines]
        steps:
          - approve: head_review
            label: {en: Head of sales, zh: 销售总监}
            who: [{superior: initiator}]
            return: [start]
            allow: [transfer, save, cc, return, takeback, batch, addsign_before, addsign_after, addsign_with]
            due: {after: 20 hours}
            attention:
              "discount > 10%": {en: More discount than the usual 10 %, zh: 折扣超过标准 10%}
              "delivery < today()": {en: Delivery is in the past, zh: 交付日期已过}
          - branch: size
            label: {en: How large, zh: 金额大小}
            cases:
              - name: big
                label: {en: Large, zh: 大额}
                when: "amount >= 100000"
                steps:
                  - approve: finance_review
                    label: {en: Finance, zh: 财务审核}
                    who: [{role: finance}]
                    mode: all
                    edit: [opinion, discount, lines]
                    return: any
                    resume: choose
                    allow: [transfer, save, cc, return, takeback, addsign_with]
              - else: true
                name: small
                label: {en: Small, zh: 小额}
                steps: []
          - approve: boss_review
            label: {en: General manager, zh: 总经理}
            who: [{user: wang}]
            signature: true
            return: any
          - fill: filing
            label: {en: Filing, zh: 归档}
            who: [{role: legal}]
        """,
    "workflows/work/errand.yaml": """
        workflow: work.errand
        label: {en: Errand, zh: 事务办理}
        of: work.customer
        admin: [{role: flow_admin}]
        start: {who: [{role: sales}], edit: [name]}
        steps:
          - fill: prepare
            label: {en: Prepare, zh: 准备资料}
            who: [{role: finance}]
            allow: [save, cc, transfer]
          - fill: carry_out
            label: {en: Carry out, zh: 办理}
            who: [{choose: {by: previous, from: [{role: sales}], min: 1, max: 1}}]
        """,
}


def open_inbox(root: Path, database_url: str | None = None) -> Site:
    """The site with its people and a customer, applied."""
    site = open_site(write_site(root, FILES), database_url=database_url)
    setup.apply_company(site, COMPANY)
    company = site.company(COMPANY)
    ids: dict[str, int] = {}
    for login, (name, roles, superior) in PEOPLE.items():
        values: dict[str, object] = {"name": name, "login": login, "roles": roles, "active": True}
        if superior is not None:
            values["superior"] = ids[superior]
        ids[login] = records.save_record(company, SYSTEM, "people.person", None, values).id or 0
    records.save_record(company, SYSTEM, "work.customer", None, {"name": "上海恒信集团"})
    return site


def start_review(site: Site, name: str, price: str, *, rows: int = 1, **values: object) -> int:
    """The approval of a contract of zhang with so many lines at this price."""
    company = site.company(COMPANY)
    lines = [{"item": f"费控平台 模块 {number}", "quantity": 1, "price": price} for number in range(1, rows + 1)]
    given = {"name": name, "customer": 1, "terms": "early", "delivery": "2026-12-20", "lines": lines, **values}
    return commands.start_workflow(company, people.person_actor(company, "zhang"), "work.review", None, given)


def start_errand(site: Site, name: str) -> int:
    """An errand whose first handler chooses the second."""
    company = site.company(COMPANY)
    return commands.start_workflow(company, people.person_actor(company, "zhang"), "work.errand", None, {"name": name})
