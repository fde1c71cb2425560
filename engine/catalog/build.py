"""From resolved definitions to a catalog: names resolve, types fit, formulas have an order, or all problems at once."""

from __future__ import annotations

from engine.catalog.build_acts import complete_acts
from engine.catalog.build_company import build_apps, build_company, build_menu, build_roles
from engine.catalog.build_dashboards import build_dashboards
from engine.catalog.build_forms import complete_form, draft_forms, fill_roles
from engine.catalog.build_metrics import build_metrics
from engine.catalog.build_stages import compile_stages, draft_stages
from engine.catalog.build_workflows import build_workflows, draft_states
from engine.catalog.catalog import Catalog
from engine.catalog.choice_lists import build_shared_choices
from engine.catalog.compute_modes import settle_compute
from engine.catalog.currencies import check_currencies
from engine.catalog.formula_order import order_formulas
from engine.catalog.inheritance import inherit_access
from engine.catalog.link_checks import check_links
from engine.catalog.matches import build_matches, check_matches
from engine.catalog.relations import build_relations
from engine.catalog.sql_checks import check_sql
from engine.catalog.stage_gaps import check_stage_gaps
from engine.catalog.workflow_checks import check_workflows
from engine.catalog.world import World
from engine.source.resolved import Resolved


def build_catalog(resolved: Resolved) -> Catalog:
    """The catalog of one company. Raises ProblemsFound with every problem of the stage that found any."""
    world = World(resolved)
    build_roles(world)
    build_shared_choices(world)
    draft_forms(world)
    fill_roles(world)
    draft_states(world)
    draft_stages(world)
    world.notes.raise_if_any()
    build_relations(world)
    world.notes.raise_if_any()
    build_matches(world)
    world.notes.raise_if_any()
    compile_stages(world)
    for form_id in list(world.forms):
        world.forms[form_id] = complete_form(world, form_id)
    settle_compute(world)
    check_links(world)
    check_matches(world)
    check_stage_gaps(world)
    world.workflows = build_workflows(world)
    complete_acts(world)
    check_workflows(world)
    company = build_company(world)
    check_currencies(world, company.currency)
    apps = build_apps(world)
    menu = build_menu(world, apps)
    world.notes.raise_if_any()
    dependents = order_formulas(world)
    world.notes.raise_if_any()
    check_sql(world)
    world.notes.raise_if_any()
    inherit_access(world)
    metrics = build_metrics(world)
    dashboards = build_dashboards(world, metrics)
    world.notes.raise_if_any()
    return Catalog(
        company=company,
        digest=resolved.digest,
        apps=apps,
        roles=world.roles,
        menu=menu,
        forms=world.forms,
        stage_sets=world.stage_sets,
        dependents=dependents,
        workflows=world.workflows,
        metrics=metrics,
        dashboards=dashboards,
    )
