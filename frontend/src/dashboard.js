// A board: its widgets ask for their numbers, two at a time and those in sight first. What is chosen (filters, marks,
// levels) stands in the address; a choice changes the address and asks again, without leaving the page.
import {fresh} from './fresh.js';
import {enhance} from './enhance.js';
import {toast} from './toasts.js';
import {say} from './words.js';

const AT_ONCE = 2;

export function startDashboards(root) {
  for (const board of fresh(root, '[data-dash]')) startBoard(board);
}

function startBoard(board) {
  const words = {...JSON.parse(board.dataset.words), speech: board.dataset.speech, sign: board.dataset.sign};
  const dash = {board, bar: document.querySelector('[data-dash-bar]'), words, stop: null};
  dash.bar?.addEventListener('submit', (event) => {
    event.preventDefault();
    filter(dash);
  });
  dash.bar?.addEventListener('change', (event) => event.target.tomselect?.close());
  dash.bar?.addEventListener('click', (event) => clickBar(dash, event));
  board.addEventListener('click', (event) => clickBoard(dash, event));
  addEventListener('popstate', () => refresh(dash));
  load(dash);
}

const chosen = () => new URLSearchParams(location.search);

function go(dash, params) {
  const query = params.toString();
  history.pushState(null, '', query ? `${dash.board.dataset.path}?${query}` : dash.board.dataset.path);
  refresh(dash);
}

function refresh(dash) {
  for (const link of document.querySelectorAll('[data-with-state]')) link.search = location.search;
  load(dash);
  if (dash.bar) fetchBar(dash, dash.stop.signal);
}

// --- filters ---------------------------------------------------------------------------------------------------------

async function fetchBar(dash, signal) {
  const params = chosen();
  params.set('part', 'bar');
  try {
    const answer = await fetch(`${dash.board.dataset.path}?${params}`, {signal, headers: {'HX-Request': 'true'}});
    if (!answer.ok && answer.status !== 422) throw new Error(String(answer.status));
    const focused = document.activeElement?.closest('[data-dash-bar] [data-menu]')?.dataset.menu;
    dash.bar.innerHTML = await answer.text();
    enhance(dash.bar);
    if (focused) dash.bar.querySelector(`[data-menu="${focused}"]`)?.focus();
  } catch {
    if (!signal.aborted) toast(say('failed'), 'bad');
  }
}

function clickBar(dash, event) {
  const find = (selector) => event.target.closest(selector);
  const word = find('[data-period-word]');
  if (word) return period(dash, word, word.dataset.periodWord);
  const days = find('[data-period-apply]');
  if (days) return fromTo(dash, days);
  const clear = find('[data-filter-clear]');
  if (clear) return clearFilter(dash, clear.closest('[data-filter]'));
  const chip = find('[data-unpick]');
  if (chip) return unpick(dash, chip.dataset.unpick);
  if (find('[data-clear-all]')) return go(dash, new URLSearchParams());
  return undefined;
}

function period(dash, inside, word) {
  inside.closest('[data-filter]').querySelector('[data-period]').value = word;
  filter(dash);
}

function fromTo(dash, button) {
  const box = button.closest('[data-filter]');
  const [first, last] = ['[data-period-first]', '[data-period-last]'].map((selector) => box.querySelector(selector).value);
  if (first || last) period(dash, button, `${first}..${last}`);
}

function clearFilter(dash, box) {
  for (const input of box.querySelectorAll('input:checked')) input.checked = false;
  for (const input of box.querySelectorAll('[data-optional]')) input.value = '';
  for (const select of box.querySelectorAll('select')) {
    if (select.tomselect) select.tomselect.clear(true);
    else for (const option of select.options) option.selected = false;
  }
  filter(dash);
}

// Only what differs from the board's own choice goes into the address; * is "everything".
function filter(dash) {
  const params = chosen();
  for (const name of [...params.keys()]) if (name.startsWith('f.')) params.delete(name);
  const form = new FormData(dash.bar.querySelector('[data-dash-filters]'));
  for (const box of dash.bar.querySelectorAll('[data-filter]')) {
    const name = `f.${box.dataset.filter}`;
    const optional = box.querySelector('[data-optional]');
    const values = form.getAll(name).filter((each) => each || !optional);
    if (same(values, JSON.parse(box.dataset.usual))) continue;
    for (const value of values.length ? values : ['*']) params.append(name, value);
  }
  go(dash, params);
}

const same = (one, other) => one.length === other.length && one.every((each) => other.includes(each));

function unpick(dash, word) {
  const params = chosen();
  put(params, 'pick', params.getAll('pick').filter((each) => each !== word));
  go(dash, params);
}

function put(params, name, values) {
  params.delete(name);
  for (const each of values) params.append(name, each);
}

// --- marks -----------------------------------------------------------------------------------------------------------

function clickBoard(dash, event) {
  const find = (selector) => event.target.closest(selector);
  const mark = find('[data-pick]');
  if (mark?.dataset.pick) return pick(dash, mark.closest('[data-widget]'), JSON.parse(mark.dataset.pick), event);
  const level = find('[data-drill]');
  if (level) return drill(dash, level);
  const more = find('[data-more]');
  if (more) return fetchMore(dash, more);
  const wider = find('[data-more-limit]');
  if (wider) return fetchWidget(dash, wider.closest('[data-widget-body]'), dash.stop.signal, wider.dataset.moreLimit);
  const retry = find('[data-retry]');
  if (retry) return fetchWidget(dash, retry.closest('[data-widget-body]'), dash.stop.signal);
  const unfold = find('[data-unfold]');
  if (unfold) return toggle(unfold);
  const all = find('[data-unfold-all]');
  if (all) return toggleAll(all.closest('table'));
  const row = find('tr[data-href]');
  if (row && !find('a, button') && !String(getSelection())) location.href = row.dataset.href;
  return undefined;
}

// A click picks one mark alone, the same again takes it out; with Ctrl it joins the others, with Shift its records open.
function pick(dash, widget, pairs, event) {
  const params = chosen();
  const name = widget.dataset.widget;
  const words = pairs.map(([dimension, value]) => [name, dimension, value].join('~'));
  const dimensions = JSON.parse(widget.querySelector('[data-dimensions]').dataset.dimensions);
  const own = (word) => dimensions.some((dimension) => word.startsWith(`${name}~${dimension}~`));
  const now = params.getAll('pick');
  if (event.shiftKey) {
    put(params, 'pick', [...now.filter((word) => !own(word)), ...words]);
    return openRecords(widget, params);
  }
  const add = event.ctrlKey || event.metaKey;
  const picked = words.every((word) => now.includes(word));
  if (picked && (add || now.filter(own).length === words.length)) put(params, 'pick', now.filter((word) => !words.includes(word)));
  else if (add) put(params, 'pick', [...new Set([...now, ...words])]);
  else put(params, 'pick', [...now.filter((word) => !own(word)), ...words]);
  return go(dash, params);
}

// The server says which records are behind a mark: the widget is asked with this mark picked.
async function openRecords(widget, params) {
  const answer = await fetch(`${widget.querySelector('[data-widget-body]').dataset.src}?${params}`, {headers: {'HX-Request': 'true'}});
  const part = document.createElement('template');
  part.innerHTML = await answer.text();
  const link = part.content.querySelector('[data-records]');
  if (link) location.href = link.href;
}

// Descending keeps what was picked on the levels above and forgets the rest.
function drill(dash, button) {
  const widget = button.closest('[data-widget]');
  const part = widget.querySelector('[data-levels]');
  const level = Number(button.dataset.drill);
  const name = widget.dataset.widget;
  const below = JSON.parse(part.dataset.levels).slice(level);
  const params = chosen();
  put(params, 'pick', params.getAll('pick').filter((word) => !below.some((each) => word.startsWith(`${name}~${each}~`))));
  const others = params.getAll('drill').filter((each) => !each.startsWith(`${name}~`));
  put(params, 'drill', level ? [...others, `${name}~${level}`] : others);
  go(dash, params);
}

// --- widgets ---------------------------------------------------------------------------------------------------------

function load(dash) {
  dash.stop?.abort();
  dash.stop = new AbortController();
  const {signal} = dash.stop;
  const bodies = [...dash.board.querySelectorAll('[data-widget-body]')];
  const seen = bodies.map(inSight);
  const waiting = [...bodies.filter((_, at) => seen[at]), ...bodies.filter((_, at) => !seen[at])];
  for (const body of bodies) body.closest('[data-widget]').setAttribute('aria-busy', 'true');
  const next = async () => {
    const body = waiting.shift();
    if (!body || signal.aborted) return;
    await fetchWidget(dash, body, signal);
    await next();
  };
  for (let at = 0; at < AT_ONCE; at += 1) next();
}

function inSight(body) {
  const box = body.getBoundingClientRect();
  return box.bottom > 0 && box.top < innerHeight;
}

async function fetchWidget(dash, body, signal, limit = '') {
  const widget = body.closest('[data-widget]');
  const params = chosen();
  if (limit) params.set('limit', limit);
  try {
    const answer = await fetch(`${body.dataset.src}?${params}`, {signal, headers: {'HX-Request': 'true'}});
    if (!answer.ok) throw new Error(String(answer.status));
    await show(dash, widget, body, await answer.text());
  } catch {
    if (signal.aborted) return;
    body.replaceChildren(document.querySelector('[data-dash-failed]').content.cloneNode(true));
  }
  widget.removeAttribute('aria-busy');
}

// A chart of before stays and moves to its new numbers.
async function show(dash, widget, body, html) {
  const part = document.createElement('template');
  part.innerHTML = html;
  const [before, place] = [body.querySelector('[data-chart]'), part.content.querySelector('[data-chart]')];
  const open = body.querySelector('details.e-as-table')?.open;
  if (before && place) {
    before.dataset.chart = place.dataset.chart;
    place.replaceWith(before);
  }
  body.replaceChildren(part.content);
  if (open) body.querySelector('details.e-as-table')?.setAttribute('open', '');
  enhance(body);
  const element = body.querySelector('[data-chart]');
  if (!element) return;
  const {drawChart} = await import('./charts.js');
  await drawChart(element, JSON.parse(element.dataset.chart), dash.words, (pairs, event) => pick(dash, widget, pairs, event));
}

async function fetchMore(dash, button) {
  const body = button.closest('[data-widget-body]');
  const params = chosen();
  params.set('after', button.dataset.more);
  button.disabled = true;
  const answer = await fetch(`${body.dataset.src}?${params}`, {headers: {'HX-Request': 'true'}});
  const part = document.createElement('template');
  part.innerHTML = await answer.text();
  const rows = part.content.querySelector('[data-more-rows]');
  if (!answer.ok || !rows) {
    button.disabled = false;
    return toast(say('failed'), 'bad');
  }
  const old = body.querySelector('[data-more-rows]');
  const place = button.closest('.e-widget-more');
  const next = part.content.querySelector('.e-widget-more');
  const first = rows.firstElementChild;
  old.append(...rows.children);
  if (next) place.replaceWith(next);
  else place.remove();
  first?.querySelector('a')?.focus({preventScroll: true});
  return enhance(old);
}

// --- pivots ----------------------------------------------------------------------------------------------------------

function toggle(button) {
  button.setAttribute('aria-expanded', String(button.getAttribute('aria-expanded') !== 'true'));
  fold(button.closest('table'));
}

function toggleAll(table) {
  const buttons = [...table.querySelectorAll('[data-unfold]')];
  const open = buttons.some((each) => each.getAttribute('aria-expanded') !== 'true');
  for (const each of buttons) each.setAttribute('aria-expanded', String(open));
  fold(table);
}

// A line is out of sight when the one above it is folded, or itself out of sight.
function fold(table) {
  const folded = new Set();
  for (const row of table.tBodies[0].rows) {
    row.hidden = !row.classList.contains('level-0') && folded.has(row.dataset.above);
    const button = row.querySelector('[data-unfold]');
    if (button && (row.hidden || button.getAttribute('aria-expanded') !== 'true')) folded.add(row.dataset.path);
    else folded.delete(row.dataset.path);
  }
}
