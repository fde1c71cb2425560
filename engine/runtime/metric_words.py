"""A number over the records of a form in words: “sum of Amount over Opportunities (Stage is won)”."""

from __future__ import annotations

from dataclasses import dataclass

from engine.catalog.catalog import Catalog
from engine.catalog.dashboards import RECORDS
from engine.catalog.forms import Form
from engine.expressions.nodes import Node
from engine.expressions.words import Labels, to_words
from engine.runtime.access import ActorRights
from engine.runtime.wording import Place, ReaderLabels
from engine.values import in_language


def metric_words(catalog: Catalog, rights: ActorRights, form: Form, node: Node, language: str) -> str:
    """What a metric on `form` computes, in the words of one reader."""
    inner = ReaderLabels(catalog, rights, language, (Place(form), Place(form)))
    return to_words(node, _RecordLabels(inner, form, language), language)


def condition_words(catalog: Catalog, rights: ActorRights, form: Form, node: Node, language: str) -> str:
    """Which records of `form` a condition keeps."""
    return to_words(node, ReaderLabels(catalog, rights, language, (Place(form),)), language)


@dataclass(frozen=True, slots=True)
class _RecordLabels:
    """Outside the records nothing has a name but they themselves, the reader and the settings."""

    inner: ReaderLabels
    form: Form
    language: str

    def field(self, node: Node) -> str | None:
        return self.inner.field(node)

    def rows(self, node: Node) -> str | None:
        if node.value != (RECORDS,):
            return self.inner.rows(node)
        return in_language(self.form.plural or self.form.label, self.language)

    def inside(self, source: Node) -> Labels:
        return self.inner if source.value == (RECORDS,) else self.inner.inside(source)

    def option(self, node: Node, value: object) -> str | None:
        return self.inner.option(node, value)
