"""Is the text an expression of the grammar? A Pratt parser over an allow-list; Python's own sees nothing of it."""

from __future__ import annotations

from types import MappingProxyType

from engine.expressions.advice import advice_for
from engine.expressions.lexer import Token, split_tokens
from engine.expressions.syntax import MOST_ARGUMENTS, MOST_DEPTH, MOST_NESTING, MOST_NODES, Refused, Syntax

CANONICAL = MappingProxyType({"==": "=", "!=": "<>"})
COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
OR, AND, NOT, COMPARE, JOIN, ADD, MULTIPLY, SIGN = range(1, 9)
BINDING = MappingProxyType(
    {"or": OR, "and": AND, "in": COMPARE, "&": JOIN, "+": ADD, "-": ADD, "*": MULTIPLY, "/": MULTIPLY}
    | dict.fromkeys(COMPARISONS, COMPARE)
)


def parse(text: str) -> Syntax:
    """The construct that `text` is. Raises Refused (FX001 … FX007, FX032) at the first mistake."""
    parser = _Parser(split_tokens(text))
    found = parser.expression(0)
    if parser.current.kind != "end":
        raise parser.unexpected()
    return found


class _Parser:
    def __init__(self, tokens: tuple[Token, ...]) -> None:
        self._tokens = tokens
        self._at = 0
        self._nesting = 0
        self._nodes = 0
        self._depth: dict[int, int] = {}

    @property
    def current(self) -> Token:
        return self._tokens[self._at]

    def unexpected(self) -> Refused:
        """The refusal of the current token."""
        token = self.current
        if token.kind == "end":
            return Refused("FX008", max(0, token.start - 1), token.end)
        shown = "…" if token.value is None else str(token.value)[:40]
        before = self._tokens[self._at - 1] if self._at else None
        return Refused("FX006", token.start, token.end, advice_for(token, before), {"token": shown})

    def expression(self, binding: int) -> Syntax:
        """An expression whose operators bind tighter than `binding`."""
        nested = 1 if binding in (0, NOT, SIGN) else 0  # parentheses, arguments, signs; not right operands
        self._nesting += nested
        if self._nesting > MOST_NESTING:
            raise Refused("FX005", self.current.start, self.current.end, values={"most": MOST_NESTING})
        left = self._prefix()
        while (power := self._power()) > binding:
            left = self._infix(left, power)
        self._nesting -= nested
        return left

    def _power(self) -> int:
        token = self.current
        if token.kind not in ("word", "sign"):
            return 0
        return BINDING.get(CANONICAL.get(str(token.value), str(token.value)), 0)

    def _infix(self, left: Syntax, power: int) -> Syntax:
        token = self._take()
        operator = CANONICAL.get(str(token.value), str(token.value))
        if operator == "in":
            found = self._options(left)
        else:
            right = self.expression(power)
            found = self._node("binary", left.start, right.end, operator, (left, right))
        if power == COMPARE and self._power() == COMPARE:
            raise Refused("FX007", self.current.start, self.current.end)
        return found

    def _options(self, left: Syntax) -> Syntax:
        self._expect("[")
        options = self._arguments("]")
        if not options:
            raise self.unexpected()
        end = self._expect("]").end
        return self._node("in", left.start, end, None, (left, *options))

    def _prefix(self) -> Syntax:
        token = self.current
        if token.kind == "word" and token.value == "not" and not (token.capital and self._is_call()):
            self._take()
            operand = self.expression(NOT)
            return self._node("unary", token.start, operand.end, "not", (operand,))
        if token.kind == "sign" and token.value in ("-", "+"):
            self._take()
            operand = self.expression(SIGN)
            return self._node("unary", token.start, operand.end, token.value, (operand,))
        return self._postfix(self._primary())

    def _is_call(self) -> bool:
        following = self._tokens[self._at + 1]
        return following.kind == "sign" and following.value == "("

    def _primary(self) -> Syntax:
        token = self.current
        if token.kind in ("number", "text"):
            self._take()
            kind = "null" if token.value is None else token.kind
            return self._node(kind, token.start, token.end, token.value)
        if token.kind == "word":
            return self._word()
        if token.kind in ("name", "quoted"):
            return self._call() if token.kind == "name" and self._is_call() else self._name()
        if token.kind == "sign" and token.value == "(":
            self._take()
            inner = self.expression(0)
            self._expect(")")
            return inner
        raise self.unexpected()

    def _word(self) -> Syntax:
        token = self.current
        if self._is_call():
            return self._call()
        if token.value not in ("true", "false", "null"):
            raise self.unexpected()
        self._take()
        if token.value == "null":
            return self._node("null", token.start, token.end)
        return self._node("boolean", token.start, token.end, token.value == "true")

    def _name(self) -> Syntax:
        token = self._take()
        return self._node("name", token.start, token.end, token.value)

    def _call(self) -> Syntax:
        token = self._take()
        self._expect("(")
        arguments = self._arguments(")")
        end = self._expect(")").end
        return self._node("call", token.start, end, str(token.value), arguments)

    def _arguments(self, closing: str) -> tuple[Syntax, ...]:
        found: list[Syntax] = []
        if self.current.kind == "sign" and self.current.value == closing:
            return ()
        while True:
            found.append(self.expression(0))
            if len(found) > MOST_ARGUMENTS:
                last = found[-1]
                raise Refused(
                    "FX032",
                    last.start,
                    last.end,
                    values={"what": {"en": "arguments", "zh": "参数"}, "most": MOST_ARGUMENTS},
                )
            if not (self.current.kind == "sign" and self.current.value == ","):
                return tuple(found)
            self._take()

    def _postfix(self, base: Syntax) -> Syntax:
        while self.current.kind == "sign" and self.current.value in (".", "["):
            if self._take().value == ".":
                token = self.current
                if token.kind not in ("name", "quoted", "word"):
                    raise self.unexpected()
                self._take()
                base = self._node("member", base.start, token.end, str(token.value), (base,))
            else:
                condition = self.expression(0)
                end = self._expect("]").end
                base = self._node("filter", base.start, end, None, (base, condition))
        return base

    def _take(self) -> Token:
        token = self.current
        self._at += 1
        return token

    def _expect(self, sign: str) -> Token:
        if self.current.kind != "sign" or self.current.value != sign:
            raise self.unexpected()
        return self._take()

    def _node(self, kind: str, start: int, end: int, value: object = None, parts: tuple[Syntax, ...] = ()) -> Syntax:
        self._nodes += 1
        if self._nodes > MOST_NODES:
            raise Refused("FX004", start, end, values={"most": MOST_NODES})
        found = Syntax(kind, start, end, value, parts)
        depth = 1 + max((self._depth.pop(id(part), 1) for part in parts), default=0)
        if depth > MOST_DEPTH:
            raise Refused("FX005", start, end, values={"most": MOST_DEPTH})
        self._depth[id(found)] = depth
        return found
