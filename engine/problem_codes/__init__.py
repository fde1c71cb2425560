"""The text of every problem: one entry per stable code, in English and Chinese.

Families: S site and files, Y YAML, D documents (shape), O overlays, C catalog (names and types),
FX expressions (formula.md), T tables and plans, V values of a record, R records and requests, I import,
A approvals at work, WF workflows as defined, E scenarios, B metrics and boards.
A code is never given a second meaning; a code that is not used any more stays reserved.
"""

from __future__ import annotations

from engine.problem_codes.boards import BOARDS
from engine.problem_codes.definitions import DEFINITIONS
from engine.problem_codes.expressions import EXPRESSIONS
from engine.problem_codes.records import RECORDS
from engine.problem_codes.scenarios import SCENARIOS
from engine.problem_codes.texts import ProblemText

__all__ = ["PROBLEM_CODES", "ProblemText"]

PROBLEM_CODES: dict[str, ProblemText] = {**DEFINITIONS, **BOARDS, **EXPRESSIONS, **RECORDS, **SCENARIOS}
