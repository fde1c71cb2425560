"""The site under attack: whatever a role may not see or write is there to be stolen or forged.

Every secret holds one of `SECRETS`; whoever may not read it must never get these characters in any answer.
"""

from __future__ import annotations

SECRET_TEXT = "zqsecretword"
SECRET_NUMBER = "7919731"
DERIVED_NUMBER = "15839462"  # twice the number
UNSEEN_NAME = "zqunseenname"
MARKUP = '<img src=x onerror="alert(1)">'
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "＝1")

FILES = {
    "site.yaml": "site: abuse\nlanguages: [en, zh]\ndemo: true\ncompanies: [fort]\n",
    "forms/companies/fort/company.yaml": "company: fort\nlabel: {en: 'Fort <u>', zh: 堡}\napps: [trade]\nlanguage: en\n",
    "forms/trade/app.yaml": """
        app: trade
        label: {en: 'Work <script>alert(1)</script>', zh: 工作}
        roles: {staff: {en: Staff, zh: 员工}, lead: Lead, boss: Boss}
        menu: [account, order, vault, note]
        """,
    "forms/trade/account.yaml": """
        form: trade.account
        label: {en: Account, zh: 客户}
        title: "{name}{cipher}"
        owner: rep
        fields:
          name: {type: text, required: true, max_length: 120}
          rep: {type: user, default: "=me"}
          region: text
          remark: long_text
          kind: {type: choice, choices: {plain: Plain, odd: {en: '<i>Odd</i>', zh: 怪}}}
          day: date
          when: datetime
          rate: percent
          count: integer
          papers: {type: file, many: true}
          parent: {type: link, to: trade.account, tree: true, on_delete: clear}
          cipher: {type: text, access: {see: [boss]}}
          limit: {type: money, places: 0, access: {see: [boss]}}
          twice: {type: money, places: 0, formula: "limit * 2"}
          klass: {type: choice, choices: {gold: zqgoldtier, iron: zqirontier}, access: {see: [boss]}}
          sealed: {type: file, access: {see: [boss]}}
          half: {type: text, access: {see: {staff: "rep = me", boss: always}, change: {staff: "rep = me", boss: always}}}
          fixed: {type: text, access: {see: [staff, lead, boss], change: [boss]}}
          stage: stage
        checks:
          one_code: {unique: [cipher], message: {en: This code is taken., zh: 已占用。}}
        views:
          list: {columns: [name, rep, region, limit, cipher], sort: name}
          board: {type: board, group: stage, card: [name, limit], sum: limit}
          rich: {label: Rich, where: "limit > 5", sort: "-limit"}
        actions:
          mark: {label: {en: Mark, zh: 标记}, sets: {region: "=asked.to"}, asks: {to: text}}
          raise: {label: Raise, sets: {fixed: "forged"}}
          copy: {label: Copy, duplicate: true}
          order: {label: Order, creates: trade.order, with: {account: "=this", hint: "=cipher", memo: "=region"}}
        access:
          staff: {see: "own or region = 'open'", create: true, change: own, delete: own, export: own}
          lead: {see: team, create: true, change: team, delete: team}
          boss: {see: always, create: true, change: always, delete: always, export: always, import: true, assign: always}
        """,
    "forms/trade/order.yaml": """
        form: trade.order
        label: {en: Order, zh: 订单}
        title: "{number} {account.name}"
        number: "O-{year}-{serial:4}"
        owner: rep
        fields:
          account: {type: link, to: trade.account, fill: {hint: account.cipher, memo: account.region}, inverse: {name: orders, label: Orders}}
          rep: {type: user, default: "=me"}
          memo: text
          hint: text
          lines:
            type: lines
            fields:
              what: {type: text, required: true}
              cost: {type: money, places: 0, access: {see: [boss]}}
              price: {type: money, places: 0}
              amount: {type: money, places: 0, formula: "price * 2"}
          total: {type: money, places: 0, formula: "SUM(lines.amount)"}
          costs: {type: money, places: 0, formula: "SUM(lines.cost)"}
        views:
          list: {columns: [number, account, memo, total]}
        access:
          staff: {see: own, create: true, change: own, delete: own, export: own}
          boss: {see: always, create: true, change: always, delete: always, export: always}
        """,
    "forms/trade/vault.yaml": """
        form: trade.vault
        label: {en: zqvaultlabel, zh: 金库}
        title: "{name}"
        fields: {name: text, account: {type: link, to: trade.account, inverse: {name: vaults, label: Vaults}}}
        access: {boss: {see: always, create: true, change: always, delete: always}}
        """,
    "forms/trade/note.yaml": """
        form: trade.note
        label: {en: Note, zh: 便签}
        title: "{text}"
        fields:
          text: {type: text, max_length: 200}
          account: {type: link, to: trade.account}
        access:
          staff: {see: always, create: true, change: always, delete: always, export: always}
          boss: {see: always, create: true, change: always, delete: always, export: always}
        """,
    "workflows/trade/account_stages.yaml": """
        pipeline: trade.account_stages
        of: trade.account.stage
        stages:
          open: {label: {en: Open, zh: 未开始}, tasks: {call: {label: {en: Call, zh: 打电话}}}}
          half: {label: {en: Half, zh: 进行中}, requires: [day]}
        ends:
          over: {label: {en: Over, zh: 结束}, outcome: done}
        moves:
          reopen: {from: [over], to: open, who: [{role: boss}]}
        """,
}
