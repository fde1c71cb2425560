"""Small parts of Python trees, and what a piece of generated code promises to the code around it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass

Vars = frozenset[str]
NO_VARS: Vars = frozenset()
NULL = ast.Constant(None)
MOMENT = ast.Name("moment", ast.Load())


@dataclass(frozen=True, slots=True)
class Known:
    """What is certain where a piece of code runs: variables that have been read, and those that are not null."""

    read: Vars = NO_VARS
    present: Vars = NO_VARS

    def after(self, read: Vars) -> Known:
        """Once these have been read."""
        return Known(self.read | read, self.present)

    def passed(self, present: Vars) -> Known:
        """Once these have been found not to be null."""
        return Known(self.read | present, self.present | present)


@dataclass(frozen=True, slots=True)
class Piece:
    """The code of a node: null if one of `checks`, asked in order, holds; else `value`, asked after all of them.

    present  variables that are read and not null once no check holds
    read     variables that are read however the checks come out
    whole    the value, null included
    """

    checks: tuple[ast.expr, ...]
    value: ast.expr
    present: Vars = NO_VARS
    read: Vars = NO_VARS
    shorter: ast.expr | None = None

    @property
    def whole(self) -> ast.expr:
        """The value, null included: instead of checks and value, never beside them."""
        if self.shorter is not None:
            return self.shorter
        return ast.IfExp(any_of(self.checks), NULL, self.value) if self.checks else self.value


NOTHING = Piece((ast.Constant(value=True),), NULL, shorter=NULL)
"""What is always null."""


@dataclass(frozen=True, slots=True)
class Strict:
    """Arguments one after the other: what follows is reached only when none is null."""

    pieces: Sequence[Piece]

    @property
    def checks(self) -> tuple[ast.expr, ...]:
        """All checks, in order."""
        return tuple(check for piece in self.pieces for check in piece.checks)

    @property
    def values(self) -> list[ast.expr]:
        """Their values, none of them null."""
        return [piece.value for piece in self.pieces]

    @property
    def present(self) -> Vars:
        """What is read and not null then."""
        return NO_VARS.union(*(piece.present for piece in self.pieces))

    @property
    def read(self) -> Vars:
        """What is read in any case: up to the first check, or everything where there is none."""
        first = next((piece for piece in self.pieces if piece.checks), None)
        return first.read if first is not None else NO_VARS.union(*(piece.read for piece in self.pieces))

    def piece(self, value: ast.expr) -> Piece:
        """`value`, which is not null when they are not."""
        return Piece(self.checks, value, self.present, self.read)


def name(word: str) -> ast.expr:
    """A variable or a slot."""
    return ast.Name(word, ast.Load())


def attribute(owner: str, word: str) -> ast.expr:
    """`owner.word`."""
    return ast.Attribute(name(owner), word, ast.Load())


def assigned(variable: str, value: ast.expr) -> ast.expr:
    """`value`, kept in a variable."""
    return ast.NamedExpr(ast.Name(variable, ast.Store()), value)


def is_null(value: ast.expr) -> ast.expr:
    """Whether it is None."""
    return ast.Compare(value, [ast.Is()], [NULL])


def negated(value: ast.expr) -> ast.expr:
    """`not value`."""
    return ast.UnaryOp(ast.Not(), value)


def truth(value: ast.expr) -> ast.expr:
    """True or False."""
    return negated(negated(value))


def any_of(parts: Sequence[ast.expr]) -> ast.expr:
    """Whether one of them holds; at least one is given."""
    return parts[0] if len(parts) == 1 else ast.BoolOp(ast.Or(), list(parts))


def all_of(parts: Sequence[ast.expr]) -> ast.expr:
    """Whether all of them hold; at least one is given."""
    return parts[0] if len(parts) == 1 else ast.BoolOp(ast.And(), list(parts))
