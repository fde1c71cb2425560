"""What the record page's templates ask about one record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.catalog.forms import Field, Form, Tab
from engine.catalog.stages import Stage
from engine.services.flow.views import RecordFlow, StartOffer
from engine.services.records import FormSight
from engine.services.views_of_pages import ActionOffer
from engine.services.views_of_records import Move, RecordView, StageState
from engine.web.answers import language
from engine.web.form_state import FormSection, grand_total, sections_of, span
from engine.web.form_values import seen_fields
from engine.web.inputs import is_flow_state


@dataclass(frozen=True, slots=True)
class Step:
    """A stage of the bar. state: done | now | later | won | lost; `move` is set when the record can go there; `days`:
    how long it has stood there in all, None = never.
    """

    stage: Stage
    state: str
    move: Move | None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class RecordPage:
    """A record as its page shows it."""

    view: RecordView
    sight: FormSight
    offers: Sequence[ActionOffer]
    flow: RecordFlow = RecordFlow()

    @property
    def form(self) -> Form:
        """The definition."""
        return self.view.form

    @property
    def fields(self) -> frozenset[str]:
        """Fields to show: those the reader sees or may see, without those that do not apply now."""
        return frozenset((*seen_fields(self.view), *self.view.unseen)) - self.view.hidden

    @property
    def sections(self) -> tuple[FormSection, ...]:
        """Sections with fields, then tabs of fields; stages stand in the bar instead."""
        placed = sections_of(self.form, [name for name in self.form.fields if self._stands_in_sections(name)])
        return tuple(each for each in placed if each.pointer not in self.view.away)

    def _stands_in_sections(self, name: str) -> bool:
        definition = self.form.fields[name]
        return name in self.fields and definition.type not in ("stage", "serial") and not is_flow_state(definition)

    @property
    def shows_state(self) -> bool:
        """Whether the record has a state of approval to show beside its title."""
        return "state" in self.fields and is_flow_state(self.form.fields["state"])

    @property
    def related(self) -> tuple[Tab, ...]:
        """The tabs that hold related lists."""
        tabs = (tab for tab in self.form.page.tabs if f"tabs/{tab.id}" not in self.view.away)
        return tuple(tab for tab in tabs if tab.related and tab.related in self.form.related)

    def shows(self, builtin: str) -> bool:
        """Whether the page has its history, comments or files now: a tab of that name may say when."""
        return not any(tab.builtin == builtin and f"tabs/{tab.id}" in self.view.away for tab in self.form.page.tabs)

    @property
    def figures(self) -> tuple[str, ...]:
        """Key figures this reader sees."""
        return tuple(name for name in self.form.page.figures if name in self.fields)

    @property
    def states(self) -> tuple[StageState, ...]:
        """Where the record stands, for each stage field."""
        return tuple(state for name, state in self.view.stages.items() if name in self.fields)

    @property
    def number(self) -> str:
        """The record's number, unless its title says it already."""
        number = str(self.view.values.get("number") or "")
        return "" if number in self.view.title else number

    def span(self, section: FormSection, name: str) -> str:
        """The grid columns of a field."""
        return span(section.section, self.form.fields[name])

    def columns(self, lines: str) -> tuple[Field, ...]:
        """The fields of a row that this reader sees."""
        definition = self.form.fields[lines]
        names = definition.columns or tuple(definition.fields)
        seen = self.sight.see - self.view.unseen
        return tuple(definition.fields[name] for name in names if f"{lines}.{name}" in seen)

    def grand(self, totals: tuple[str, ...]) -> str:
        """The total in large type."""
        return grand_total(self.form, totals)

    def steps(self, state: StageState) -> tuple[Step, ...]:
        """The open stages in order; an end is shown last once the record stands in it."""
        moves = {move.stage.id: move for move in state.moves}
        now = state.stage
        shown = [each for each in state.set.stages.values() if each.outcome == "open" or each is now]
        return tuple(Step(each, _step_state(each, now), moves.get(each.id), state.days.get(each.id)) for each in shown)

    def ends(self, state: StageState) -> tuple[Move, ...]:
        """Ends that the record could go to, allowed or not."""
        return tuple(move for move in state.moves if move.stage.outcome != "open")

    def next_move(self, state: StageState) -> Move | None:
        """The next stage forward; None when there is none."""
        rank = state.stage.rank if state.stage is not None else -1
        ahead = [move for move in state.moves if move.stage.outcome == "open" and move.stage.rank > rank]
        return min(ahead, key=lambda move: move.stage.rank, default=None)

    def way_back(self, state: StageState) -> Move | None:
        """The stage to which a record that has ended may be taken back by this reader."""
        ended = state.stage is not None and state.stage.outcome != "open"
        return next(iter(state.moves), None) if ended else None

    def reasons(self, move: Move) -> list[str]:
        """Why a move may not happen now."""
        return list(dict.fromkeys(problem.message(language()) for problem in move.problems))

    @property
    def main_offers(self) -> tuple[ActionOffer, ...]:
        """Actions shown as buttons: the first two that can be used."""
        return tuple(offer for offer in self.offers if offer.enabled and offer.action.kind != "duplicate")[:2]

    @property
    def other_offers(self) -> tuple[ActionOffer, ...]:
        """Actions in the menu."""
        main = self.main_offers
        return tuple(offer for offer in self.offers if offer not in main)

    @property
    def may_change(self) -> bool:
        """Whether the reader may change this record."""
        return "change" in self.view.may

    @property
    def may_edit(self) -> bool:
        """Whether a form would let the reader change anything: a running approval holds all but some fields."""
        own = frozenset(name for name in self.sight.change if name in self.form.fields)
        return self.may_change and (not self.flow.running or bool(own - self.view.read_only))

    @property
    def first_start(self) -> StartOffer | None:
        """The approval to start by a button of its own: the first that a record of mine has not been through."""
        return next((offer for offer in self.flow.offers if not offer.again and self.may_change), None)

    @property
    def other_starts(self) -> tuple[StartOffer, ...]:
        """Approvals that can be started from the menu."""
        return tuple(offer for offer in self.flow.offers if offer is not self.first_start)


def _step_state(stage: Stage, now: Stage | None) -> str:
    if now is None:
        return "later"
    if stage is now:
        return {"open": "now", "won": "won", "done": "won"}.get(stage.outcome, "lost")
    return "done" if stage.rank < now.rank and now.outcome in ("open", "won", "done") else "later"
