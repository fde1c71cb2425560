"""A reader's filter: compiled on the names that exist for this reader, so that hidden fields are misspelt ones."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from engine.catalog.catalog import Catalog
from engine.catalog.scopes import FormScope, LinesScope
from engine.expressions import compile_expression
from engine.expressions.nodes import Expression, Path, Scope, Symbol
from engine.runtime.access import ActorRights


@dataclass(frozen=True, slots=True)
class ReaderScope:
    """A form's scope, or that of its lines, without what the reader may not see."""

    rights: ActorRights
    inner: FormScope | LinesScope

    def find(self, name: str) -> Symbol | None:
        """The symbol, when the reader may see what it stands for."""
        symbol = self.inner.find(name) if self._sees(name) else None
        if symbol is None or symbol.scope is None:
            return symbol
        return replace(symbol, scope=self._beyond(symbol.scope)) if self._may_enter(symbol.scope) else None

    def names(self) -> Iterable[str]:
        """The names that hints may offer."""
        return tuple(name for name in self.inner.names() if self.find(name) is not None)

    def label(self) -> str:
        """As the form says."""
        return self.inner.label()

    def stages(self, path: Path, operator: str, stage: str) -> tuple[str, ...] | None:
        """As the form says; the path has been found before."""
        return self.inner.stages(path, operator, stage)

    def _sees(self, name: str) -> bool:
        rights = self.rights.roles.of(self.inner.form.id)
        if rights is None:
            return False
        key = f"{self.inner.lines.id}.{name}" if isinstance(self.inner, LinesScope) else name
        return key in rights.see or self._stage_of(key) in rights.see or not self._is_field(name)

    def _is_field(self, name: str) -> bool:
        if isinstance(self.inner, LinesScope):
            return name in self.inner.lines.fields
        return name in self.inner.form.fields or self._stage_of(name) in self.inner.form.fields

    def _stage_of(self, name: str) -> str:
        return name.removesuffix("_entered")

    def _may_enter(self, scope: Scope) -> bool:
        return not isinstance(scope, (FormScope, LinesScope)) or self.rights.see(scope.form.id) is not None

    def _beyond(self, scope: Scope) -> Scope:
        return ReaderScope(self.rights, scope) if isinstance(scope, (FormScope, LinesScope)) else scope


def compile_reader_filter(catalog: Catalog, rights: ActorRights, form_id: str, text: str) -> Expression:
    """The condition that a reader's filter writes on a form. Raises ProblemsFound (FX…)."""
    return compile_expression(text, ReaderScope(rights, FormScope(catalog, form_id)), want="boolean")
