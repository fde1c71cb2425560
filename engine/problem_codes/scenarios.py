"""What scenarios say when something does not come as it was told."""

from __future__ import annotations

from engine.problem_codes.texts import ProblemText
from engine.problem_codes.texts import text as _text

SCENARIOS: dict[str, ProblemText] = {
    "E101": _text("Nothing is called '{name}' in this scenario.", "场景中没有名为“{name}”的人或数据。"),
    "E102": _text(
        "'{text}' is not a step.",
        "“{text}”不是步骤。",
        "Write PERSON VERB WHAT; verbs: {verbs}.",
        "请写“人 动作 对象”；动作有：{verbs}。",
    ),
    "E103": _text("Refused: {reason}", "被拒绝：{reason}"),
    "E104": _text("{what}: expected {expected}, found {found}.", "{what}：应为 {expected}，实为 {found}。"),
    "E105": _text("Expected the refusal {expected}, but the step went through.", "应被拒绝（{expected}），却成功了。"),
    "E106": _text("Nothing of {name} waits for {person}.", "{name} 没有等待 {person} 处理的任务。"),
    "E107": _text("There is no scenario in '{path}'.", "“{path}”中没有场景。"),
}
