"""A site whose contracts are approved: a seller, her head, finance, a workflow administrator; two workflows."""

from __future__ import annotations

from pathlib import Path

from engine.runtime.actors import SYSTEM
from engine.services import people, records, setup
from engine.services.flow import commands
from engine.services.site import Site, open_site
from engine.storage.flows import StoredTask, fetch_instances, fetch_tasks
from tests.sites import write_site
from tests.web.conftest import Web

COMPANY = "acme"
FILES = {
    "site.yaml": "site: test\nlanguages: [en, zh]\ndemo: true\ncompanies: [acme]\n",
    "forms/companies/acme/company.yaml": "company: acme\nlabel: {en: Acme, zh: 云帆科技}\napps: [work]\nlanguage: zh\n",
    "forms/work/app.yaml": """
        app: work
        label: {en: Work, zh: 业务}
        roles:
          sales: {en: Sales, zh: 销售}
          finance: {en: Finance, zh: 财务}
          legal: {en: Legal, zh: 法务}
          flow_admin: {en: Process administrator, zh: 流程管理员}
        menu: [contract, leave, note]
        """,
    "forms/work/contract.yaml": """
        form: work.contract
        label: {en: Contract, zh: 合同}
        title: "{name}"
        owner: seller
        fields:
          name: {type: text, label: {en: Name, zh: 合同名称}, required: true, max_length: 80}
          seller: {type: user, label: {en: Seller, zh: 销售负责人}, default: "=me"}
          amount: {type: money, label: {en: Amount, zh: 合同金额}}
          note: {type: long_text, label: {en: Note, zh: 备注}}
          opinion: {type: text, label: {en: Opinion of finance, zh: 财务意见}}
        views:
          list: {columns: [name, amount, seller, state], sort: name}
        actions:
          renew: {label: {en: Renew, zh: 续签}, creates: work.contract, with: {name: "=name"}}
        access:
          sales: {see: own, create: true, change: own, delete: own}
          finance: {see: always}
        """,
    "forms/work/leave.yaml": """
        form: work.leave
        label: {en: Leave, zh: 请假}
        title: "{reason}"
        fields:
          reason: {type: text, label: {en: Reason, zh: 事由}, required: true}
          days: {type: integer, label: {en: Days, zh: 天数}}
        access:
          sales: {see: always, create: true, change: always}
        """,
    "forms/work/note.yaml": """
        form: work.note
        label: {en: Note, zh: 便签}
        title: "{text}"
        fields: {text: {type: text, label: {en: Text, zh: 内容}}}
        access: {sales: {see: always, create: true, change: always}}
        """,
    "workflows/work/review.yaml": """
        workflow: work.review
        label: {en: Contract review, zh: 合同审批}
        of: work.contract
        admin: [{role: flow_admin}]
        revoke: anytime
        start:
          who: [{role: sales}]
          edit: [name, amount, note]
          require: [amount]
        steps:
          - approve: head_review
            label: {en: Head of department, zh: 部门经理审核}
            who: [{superior: initiator}]
            return: [start]
            allow: [transfer, save, cc, return, takeback]
            due: {after: 2 days}
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
                    edit: [opinion]
                    return: [start, head_review]
              - else: true
                name: small
                label: {en: Small, zh: 小额}
                steps: []
          - fill: filing
            label: {en: Filing, zh: 归档}
            who: [{role: legal}]
        """,
    "workflows/work/leave_review.yaml": """
        workflow: work.leave_review
        label: {en: Leave, zh: 请假审批}
        of: work.leave
        admin: [{role: flow_admin}]
        start: {who: [{role: sales}], edit: [reason, days]}
        steps:
          - approve: chosen
            label: {en: Whoever you choose, zh: 指定审批人}
            who: [{choose: {by: initiator, from: [{role: finance}], min: 1, max: 2}}]
        """,
}
PEOPLE = {
    "wang": ("王建国", ["flow_admin", "finance"], None),
    "li": ("李敏", ["sales"], "wang"),
    "zhang": ("张伟", ["sales"], "li"),
    "cai": ("蔡丽", ["finance"], "wang"),
    "fa": ("方圆", ["legal"], "wang"),
    "ada": ("Ada", ["administrator"], None),
}


def open_approvals(root: Path, database_url: str | None = None) -> Site:
    """The site with its people, applied."""
    site = open_site(write_site(root, FILES), database_url=database_url)
    setup.apply_company(site, COMPANY)
    company = site.company(COMPANY)
    ids: dict[str, int] = {}
    for login, (name, roles, superior) in PEOPLE.items():
        values: dict[str, object] = {"name": name, "login": login, "roles": roles, "active": True}
        if superior is not None:
            values["superior"] = ids[superior]
        ids[login] = records.save_record(company, SYSTEM, "people.person", None, values).id or 0
    return site


def person(site: Site, login: str) -> int:
    """The id of somebody."""
    return people.person_actor(site.company(COMPANY), login).person


class Desk(Web):
    """The site with short words for what people do."""

    @property
    def company(self):  # type: ignore[no-untyped-def]
        return self.site.company(COMPANY)

    def start(self, who: str = "zhang", **values: object) -> int:
        """An approval of a new contract."""
        given = {"name": "Tower", "amount": "20000", **values}
        return commands.start_workflow(self.company, self.actor(who), "work.review", None, given)

    def actor(self, who: str):  # type: ignore[no-untyped-def]
        return people.person_actor(self.company, who)

    def task(self, instance: int, who: str) -> StoredTask:
        """What waits for somebody."""
        with self.company.reading(SYSTEM) as work:
            found = fetch_tasks(work.uow, instance)
        return next(each for each in found if each.assignee == person(self.site, who) and each.state == "pending")

    def say(self, instance: int, who: str, kind: str, **more: object) -> None:
        """A decision."""
        decision = commands.Decision(kind, **more)  # type: ignore[arg-type]
        commands.decide(self.company, self.actor(who), self.task(instance, who).id, decision)

    def state(self, record: int) -> str:
        """How the latest approval of a contract stands."""
        with self.company.reading(SYSTEM) as work:
            return fetch_instances(work.uow, "work.contract", record)[0].state
