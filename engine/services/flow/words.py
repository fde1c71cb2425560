"""What approvals call decisions, states and moments, in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from engine.runtime.moments import Moment
from engine.values import Label

DECISIONS: Mapping[str, Label] = MappingProxyType(
    {
        "approve": {"en": "approved", "zh": "已同意"},
        "reject": {"en": "rejected", "zh": "已拒绝"},
        "submit": {"en": "submitted", "zh": "已提交"},
        "return": {"en": "returned", "zh": "已退回"},
        "abstain": {"en": "abstained", "zh": "已弃权"},
    }
)
STATES: Mapping[str, Label] = MappingProxyType(
    {
        "waiting": {"en": "not yet asked", "zh": "尚未轮到"},
        "pending": {"en": "waiting", "zh": "待处理"},
        "done": {"en": "done", "zh": "已处理"},
        "superseded": {"en": "decided by others", "zh": "已由他人处理"},
        "cancelled": {"en": "called off", "zh": "已取消"},
        "transferred": {"en": "handed on", "zh": "已转交"},
        "running": {"en": "running", "zh": "审批中"},
        "approved": {"en": "approved", "zh": "已通过"},
        "rejected": {"en": "rejected", "zh": "已驳回"},
        "revoked": {"en": "withdrawn", "zh": "已撤回"},
        "terminated": {"en": "terminated", "zh": "已终止"},
    }
)
ACTIONS: Mapping[str, Label] = MappingProxyType(
    {
        "approve": {"en": "approve", "zh": "同意"},
        "reject": {"en": "reject", "zh": "拒绝"},
        "submit": {"en": "submit", "zh": "提交"},
        "return": {"en": "return", "zh": "退回"},
        "abstain": {"en": "abstain", "zh": "弃权"},
        "transfer": {"en": "handing on", "zh": "转交"},
        "addsign_before": {"en": "adding a signer before", "zh": "前加签"},
        "addsign_after": {"en": "adding a signer after", "zh": "后加签"},
        "addsign_with": {"en": "adding a signer", "zh": "并加签"},
        "remove_sign": {"en": "removing a signer", "zh": "减签"},
        "save": {"en": "saving a draft", "zh": "暂存"},
        "cc": {"en": "copying somebody in", "zh": "抄送"},
        "takeback": {"en": "taking back", "zh": "取回"},
        "batch": {"en": "deciding several at once", "zh": "批量处理"},
        "claim": {"en": "claiming", "zh": "认领"},
        "release": {"en": "releasing", "zh": "释放"},
        "pass_step": {"en": "passing the step", "zh": "视为通过"},
        "retry": {"en": "trying again", "zh": "重试"},
    }
)
TIMEOUTS: Mapping[str, Label] = MappingProxyType(
    {
        "approve": {"en": "Approved by itself when its time was over", "zh": "超时自动通过"},
        "reject": {"en": "Rejected by itself when its time was over", "zh": "超时自动拒绝"},
        "return": {"en": "Returned by itself when its time was over", "zh": "超时自动退回"},
        "transfer": {"en": "Handed on by itself when its time was over", "zh": "超时自动转交"},
        "addsign_with": {"en": "Asked as well when the time was over", "zh": "超时自动加签"},
    }
)


def timeout_words(action: str, language: str) -> str:
    """The opinion of what was done because the time was over."""
    texts = TIMEOUTS[action]
    return texts.get(language, texts["en"])


def decision_word(decision: str | None) -> Label:
    """What a decision is called once it has been made."""
    return DECISIONS.get(decision or "", {"en": decision or "", "zh": decision or ""})


def state_word(state: str) -> Label:
    """What a state of a task or an instance is called."""
    return STATES.get(state, {"en": state, "zh": state})


def action_word(action: str) -> Label:
    """What something that one may do is called."""
    return ACTIONS.get(action, {"en": action, "zh": action})


def moment_text(at: datetime | None, moment: Moment) -> str:
    """An instant on the company's clock."""
    return f"{at.astimezone(moment.zone):%Y-%m-%d %H:%M}" if at is not None else ""
