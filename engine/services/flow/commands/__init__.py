"""What people do to approvals. One command is one transaction under the instance's lock: done whole, or not at all."""

from engine.services.flow.commands.adding import add_signer, remove_signer
from engine.services.flow.commands.administering import (
    jump,
    pass_step,
    reassign,
    resume,
    retry,
    suspend,
    terminate,
)
from engine.services.flow.commands.batch import Outcome, decide_many
from engine.services.flow.commands.deciding import decide, decide_here, kinds_at, returns_at, rights_at, step_of
from engine.services.flow.commands.decision import Decision
from engine.services.flow.commands.drafts import TaskDraft, draft_of_task, save_draft
from engine.services.flow.commands.finishing import finish
from engine.services.flow.commands.handing import claim, release, transfer
from engine.services.flow.commands.offers import actions_of
from engine.services.flow.commands.seeing import changes_since
from engine.services.flow.commands.signing import signature_holds
from engine.services.flow.commands.starting import begin, start_workflow
from engine.services.flow.commands.telling import comment, copy_to, mark_read, urge
from engine.services.flow.commands.undoing import revoke, take_back

__all__ = [
    "Decision",
    "Outcome",
    "TaskDraft",
    "actions_of",
    "add_signer",
    "begin",
    "changes_since",
    "claim",
    "comment",
    "copy_to",
    "decide",
    "decide_here",
    "decide_many",
    "draft_of_task",
    "finish",
    "jump",
    "kinds_at",
    "mark_read",
    "pass_step",
    "reassign",
    "release",
    "remove_signer",
    "resume",
    "retry",
    "returns_at",
    "revoke",
    "rights_at",
    "save_draft",
    "signature_holds",
    "start_workflow",
    "step_of",
    "suspend",
    "take_back",
    "terminate",
    "transfer",
    "urge",
]
