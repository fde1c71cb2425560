"""The tree: records below each other, opened branch by branch."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template, request
from flask.typing import ResponseReturnValue

from engine.catalog.forms import Form, View
from engine.problems import ProblemsFound
from engine.services import records, trees
from engine.services.views_of_pages import Branch, Tree
from engine.services.views_of_records import ListRequest
from engine.web.answers import language
from engine.web.cells import Cell, Column, cells_of, columns_of
from engine.web.filters import build_filters
from engine.web.list_head import chosen_view, head_values
from engine.web.list_request import read_list_request
from engine.web.routes import Route
from engine.web.visit import fetch_form, visit

_MOST_CELLS = 5


@dataclass(frozen=True, slots=True)
class Twig:
    """A branch with what stands in its row."""

    branch: Branch
    cells: tuple[Cell, ...]
    below: tuple[Twig, ...]


def show_tree(form: Form, view: View, asked: ListRequest) -> ResponseReturnValue:
    """The page of a view that is a tree."""
    current = visit()
    sight = records.form_sight(current.company, current.actor, form.id)
    tree, refused = _fetch(form, view, asked)
    columns = _columns(tree) if tree else ()
    page = render_template(
        "tree.html",
        **head_values(form, view, sight, asked),
        filters=build_filters(form, view, sight, asked),
        tree=tree,
        columns=columns,
        twigs=_twigs(tree.branches, columns) if tree else (),
        refused=refused,
        level=1,
    )
    return page, 422 if refused else 200


def _fetch(form: Form, view: View, asked: ListRequest) -> tuple[Tree | None, tuple[str, ...]]:
    """The tree, or why the filter cannot be used."""
    current = visit()
    try:
        found = trees.fetch_tree(
            current.company, current.actor, form.id, view.id, asked.where, asked.search, asked.after
        )
    except ProblemsFound as error:
        speech = language()
        return None, tuple(f"{problem.message(speech)} {problem.advice(speech)}".strip() for problem in error.problems)
    return found, ()


def _columns(tree: Tree) -> tuple[Column, ...]:
    """What stands beside the title: no part of the title again, nor the link that is the tree itself."""
    title = {part[0] for part in tree.form.title.parts if not isinstance(part, str)}
    names = [name for name in tree.columns if name not in title and name != tree.link]
    return columns_of(tree.form, names[:_MOST_CELLS])


def _twigs(branches: tuple[Branch, ...], columns: tuple[Column, ...]) -> tuple[Twig, ...]:
    return tuple(Twig(each, cells_of(each.record, columns), _twigs(each.below, columns)) for each in branches)


def show_branch(app: str, form: str, record_id: int) -> ResponseReturnValue:
    """The records directly below one, as rows of the tree."""
    definition, current = fetch_form(app, form), visit()
    asked = read_list_request(request.args, limit=1, total="none")
    view = chosen_view(definition, asked)
    tree = trees.fetch_branch(current.company, current.actor, definition.id, view.id, record_id, asked.after)
    twigs = _twigs(tree.branches, _columns(tree))
    return render_template(
        "tree_branches.html",
        form=definition,
        view=view,
        tree=tree,
        twigs=twigs,
        level=request.args.get("level", 2, int),
        above=record_id,
    )


def show_top(app: str, form: str) -> ResponseReturnValue:
    """More records of the top."""
    definition = fetch_form(app, form)
    asked = read_list_request(request.args, limit=1, total="none")
    view = chosen_view(definition, asked)
    current = visit()
    tree = trees.fetch_tree(current.company, current.actor, definition.id, view.id, after=asked.after)
    twigs = _twigs(tree.branches, _columns(tree))
    return render_template(
        "tree_branches.html", form=definition, view=view, tree=tree, twigs=twigs, level=1, above=None
    )


ROUTES = (
    Route("/<company>/<app>/<form>/tree", "tree_top", show_top),
    Route("/<company>/<app>/<form>/<int:record_id>/tree", "tree_branch", show_branch),
)
