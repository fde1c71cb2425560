// Lists: rows to click and tick, the menu of a row, acts on many rows, the filter builder.
import htmx from 'htmx.org';
import {fresh} from './fresh.js';
import {csrf, postForm} from './http.js';
import {startPickers} from './picker.js';
import {closeMenus, confirm} from './shell.js';
import {toast} from './toasts.js';
import {say} from './words.js';

export function startLists(root) {
  for (const list of fresh(root, '[data-list]')) startList(list);
  for (const form of fresh(root, '[data-quick-form]')) startQuick(form);
  for (const form of fresh(root, '[data-builder]')) startBuilder(form);
  for (const form of fresh(root, '[data-bulk-form]')) startBulkForm(form);
  for (const button of fresh(root, '[data-reload]')) button.addEventListener('click', () => location.reload());
}

function startList(list) {
  list.addEventListener('click', (event) => clickRow(event, list));
  list.addEventListener('auxclick', (event) => event.button === 1 && openRow(event, true));
  list.addEventListener('contextmenu', (event) => openContext(event));
  list.addEventListener('change', (event) => ticked(event, list));
  list.querySelector('[data-back]')?.addEventListener('click', goBack);
  list.querySelector('[data-untick]')?.addEventListener('click', () => setSelecting(list, false));
  list.querySelector('[data-select-mode]')?.addEventListener('click', () => setSelecting(list, !isSelecting(list)));
  for (const button of list.querySelectorAll('[data-bulk-open]')) {
    button.addEventListener('click', () => openBulk(button.dataset.bulkOpen));
  }
  list.querySelector('[data-bulk-delete]')?.addEventListener('click', (event) => deleteTicked(event.currentTarget, list));
  list.querySelector('[data-bulk-export]')?.addEventListener('click', (event) => exportTicked(event.currentTarget, list));
}

// --- rows ----------------------------------------------------------------------------------------------------------

function clickRow(event, list) {
  const opener = event.target.closest('[data-row-menu]');
  if (opener) return toggleRowMenu(opener);
  if (event.target.closest('.e-tick') && !event.target.matches('input')) {
    event.target.closest('.e-tick').querySelector('input')?.click();
    return undefined;
  }
  if (list.querySelector('[data-tick]:checked') && event.shiftKey) return undefined;
  if (isSelecting(list) && event.target.closest('tr[data-href]') && !event.target.closest('.e-tick')) return tickRow(event);
  return openRow(event, event.ctrlKey || event.metaKey);
}

function openRow(event, elsewhere) {
  const row = event.target.closest('tr[data-href]');
  if (!row || event.target.closest('a, button, input, label, form, .e-menu, .e-tick')) return;
  if (String(getSelection())) return;
  if (elsewhere) open(row.dataset.href, '_blank', 'noopener');
  else location.href = row.dataset.href;
}

function openContext(event) {
  const row = event.target.closest('tr[data-href]');
  if (!row || event.target.closest('a, input') || event.shiftKey) return;
  event.preventDefault();
  toggleRowMenu(row.querySelector('[data-row-menu]'), {x: event.clientX, y: event.clientY});
}

// The menu stands outside the table, so that the scrolling box does not cut it off.
function toggleRowMenu(button, at = null) {
  const open = document.getElementById('row-menu');
  open?.remove();
  if (open?.opener === button && !at) return;
  const menu = document.createElement('div');
  menu.className = 'e-menu e-row-menu';
  menu.id = 'row-menu';
  menu.opener = button;
  menu.setAttribute('role', 'group');
  document.body.append(menu);
  const box = button.getBoundingClientRect();
  const place = () => {
    const x = at ? at.x : box.right - menu.offsetWidth;
    const y = at ? at.y : box.bottom + 4;
    menu.style.left = `${Math.max(8, Math.min(x, innerWidth - menu.offsetWidth - 8))}px`;
    menu.style.top = `${Math.max(8, Math.min(y, innerHeight - menu.offsetHeight - 8))}px`;
  };
  htmx.ajax('GET', button.dataset.rowMenu, {target: menu, swap: 'innerHTML'}).then(() => {
    place();
    menu.querySelector('.e-menu-item')?.focus();
  });
  place();
  const close = (event) => {
    if (event.type === 'keydown' && event.key !== 'Escape') return;
    if (event.type === 'scroll' && stands(button, box)) return;
    if (event.type !== 'keydown' && (menu.contains(event.target) || button.contains(event.target))) return;
    menu.remove();
    if (event.type === 'keydown') button.focus();
    for (const kind of ['pointerdown', 'keydown', 'scroll']) document.removeEventListener(kind, close, true);
  };
  for (const kind of ['pointerdown', 'keydown', 'scroll']) document.addEventListener(kind, close, true);
}

// The event of a scroll comes a frame later: one that happened before the menu opened must not close it, nor one
// in some other box of the page.
function stands(button, box) {
  const now = button.getBoundingClientRect();
  return Math.abs(now.top - box.top) < 1 && Math.abs(now.left - box.left) < 1;
}

function goBack(event) {
  if (history.length < 2 || !document.referrer.startsWith(location.origin)) return;
  event.preventDefault();
  history.back();
}

// --- many rows -----------------------------------------------------------------------------------------------------

let lastTicked = null;

// On a phone, where rows have no room for a box, touching rows ticks them while the list is selecting.
const isSelecting = (list) => list.classList.contains('e-selecting');

function setSelecting(list, on) {
  list.classList.toggle('e-selecting', on);
  list.querySelector('[data-select-mode]')?.setAttribute('aria-pressed', String(on));
  if (on) showBulk(list);
  else tickAll(list, false);
}

function tickRow(event) {
  event.preventDefault();
  event.target.closest('tr').querySelector('[data-tick]').click();
}

function ticked(event, list) {
  if (event.target.matches('[data-tick-all], [data-tick-page]')) return tickAll(list, event.target.checked);
  if (!event.target.matches('[data-tick]')) return undefined;
  lastTicked = event.target;
  return showBulk(list);
}

function tickAll(list, on) {
  for (const box of list.querySelectorAll('[data-tick], [data-tick-all], [data-tick-page]')) box.checked = on;
  showBulk(list);
}

export function tickedIds() {
  return [...document.querySelectorAll('[data-tick]:checked')].map((box) => box.value);
}

function showBulk(list) {
  const boxes = [...list.querySelectorAll('[data-tick]')];
  const count = boxes.filter((box) => box.checked).length;
  for (const box of boxes) box.closest('tr').classList.toggle('e-ticked', box.checked);
  for (const all of list.querySelectorAll('[data-tick-all], [data-tick-page]')) {
    all.checked = count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  }
  list.querySelector('[data-bulk]').hidden = !count && !isSelecting(list);
  const text = list.querySelector('[data-bulk-count]');
  text.textContent = text.dataset.text.replace('{count}', count);
}

function openBulk(id) {
  const dialog = document.getElementById(id);
  dialog.showModal();
  dialog.querySelector('[data-bulk-field]')?.dispatchEvent(new Event('change'));
}

function startBulkForm(form) {
  const choose = form.querySelector('[data-bulk-field]');
  const definition = JSON.parse(form.querySelector('[data-bulk-definition]')?.textContent || 'null');
  choose?.addEventListener('change', () => showBulkValue(form, definition.fields.find((each) => each.id === choose.value)));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const data = new FormData(form);
    sendBulk(form.action, data);
  });
}

function showBulkValue(form, field) {
  const box = form.querySelector('[data-bulk-value]');
  box.textContent = '';
  if (!field) return;
  const caption = document.createElement('label');
  caption.className = 'e-label';
  caption.textContent = box.dataset.label;
  box.append(caption, ...inputsOf(field, {yes: box.dataset.yes, no: box.dataset.no}));
  const input = box.querySelector('input, select');
  input.id ||= 'bulk-value';
  caption.htmlFor = input.id;
  wake(box);
}

function inputsOf(field, words) {
  if (field.shape === 'boolean') return [choice('value', [['true', words.yes], ['false', words.no]], false, [])];
  if (field.options.length) return [choice('value', field.options, field.shape === 'many', [])];
  if (field.choices) return [picker('value', field, field.shape === 'list', [], {})];
  return [plain('value', field.input)];
}

async function sendBulk(url, data) {
  for (const id of tickedIds()) data.append('ids', id);
  const {status, body} = await postForm(url, data);
  if (status >= 400) return toast(body?.detail || say('failed'), 'bad');
  for (const dialog of document.querySelectorAll('dialog[open]')) dialog.close();
  if (!body.refused.length) return location.reload();
  return showReport(body);
}

function showReport(body) {
  const dialog = document.getElementById('bulk-report');
  const box = dialog.querySelector('[data-bulk-report]');
  box.textContent = '';
  const done = document.createElement('p');
  done.textContent = body.text;
  const list = document.createElement('ul');
  list.className = 'e-bulk-list';
  for (const each of body.refused) {
    const item = document.createElement('li');
    const title = document.createElement('b');
    title.textContent = each.title;
    item.append(title, ` ${each.message}`);
    list.append(item);
  }
  box.append(done, list);
  dialog.showModal();
}

async function deleteTicked(button, list) {
  const count = tickedIds().length;
  if (!(await confirm(button.dataset.question.replace('{count}', count)))) return;
  const data = new FormData();
  data.set('do', 'delete');
  sendBulk(document.querySelector('[data-bulk-form]').action, data);
}

function exportTicked(button) {
  const form = document.createElement('form');
  form.method = 'post';
  form.action = button.dataset.bulkExport;
  const put = (name, value) => {
    const input = document.createElement('input');
    input.type = 'hidden';
    input.name = name;
    input.value = value;
    form.append(input);
  };
  put('csrf', csrf());
  put('format', 'xlsx');
  for (const [name, value] of new URLSearchParams(location.search)) if (name !== 'after') put(name, value);
  for (const id of tickedIds()) put('ids', id);
  document.body.append(form);
  form.submit();
  form.remove();
}

// --- quick filters -------------------------------------------------------------------------------------------------

function startQuick(form) {
  form.addEventListener('click', (event) => {
    const preset = event.target.closest('[data-preset]');
    if (!preset) return;
    form.querySelector('[name="test"]').append(new Option('', preset.dataset.preset));
    form.querySelector('select[name="test"]').value = preset.dataset.preset;
    const value = form.querySelector('[name="value"]');
    value.type = 'text';
    value.value = preset.dataset.value;
    form.requestSubmit();
  });
  form.addEventListener('submit', () => closeMenus());
}

// --- the filter builder --------------------------------------------------------------------------------------------

function startBuilder(form) {
  const definition = JSON.parse(form.querySelector('[data-builder-definition]').textContent);
  const box = form.querySelector('[data-conditions]');
  const add = (row) => addCondition(box, definition, row);
  definition.rows.forEach(add);
  const open = () => box.children.length || add({field: definition.fields[0]?.id, test: null, values: []});
  document.querySelector('[data-open-filter]')?.addEventListener('click', open);
  form.querySelector('[data-add-condition]').addEventListener('click', () => {
    add({field: definition.fields[0]?.id, test: null, values: []});
    box.lastElementChild.querySelector('select').focus();
  });
  const text = form.parentElement.querySelector('[data-as-text-form]');
  form.querySelector('[data-as-text]').addEventListener('click', () => show(text, form));
  text.querySelector('[data-as-rows]')?.addEventListener('click', () => show(form, text));
  form.addEventListener('submit', () => collect(form, box));
}

function show(one, other) {
  one.hidden = false;
  other.hidden = true;
  one.querySelector('textarea, select')?.focus();
}

function addCondition(box, definition, row) {
  const line = document.createElement('div');
  line.className = 'e-condition';
  const fields = choice('', definition.fields.map((each) => [each.id, each.label]), false, [row.field]);
  fields.setAttribute('aria-label', box.dataset.field);
  const tests = document.createElement('span');
  const value = document.createElement('span');
  value.className = 'e-condition-value';
  const remove = document.createElement('button');
  remove.type = 'button';
  remove.className = 'e-icon-btn small';
  remove.textContent = '×';
  remove.setAttribute('aria-label', box.dataset.remove);
  remove.addEventListener('click', () => line.remove());
  line.append(fields, tests, value, remove);
  const field = () => definition.fields.find((each) => each.id === fields.value);
  const redraw = (test, values) => {
    const select = choice('', field().tests, false, [test]);
    select.setAttribute('aria-label', box.dataset.test);
    tests.replaceChildren(select);
    select.addEventListener('change', () => drawValue(value, box, field(), select.value, values, definition));
    drawValue(value, box, field(), select.value, values, definition);
  };
  fields.addEventListener('change', () => redraw(null, []));
  box.append(line);
  redraw(row.test, row.values);
}

function drawValue(place, box, field, test, values, definition) {
  place.textContent = '';
  if (['empty', 'filled', 'yes', 'no', 'before_today'].includes(test)) return;
  let input;
  if (field.options.length) input = choice('', field.options, test === 'any' || test === 'none', values);
  else if (field.choices) input = picker('', field, true, values, {me: field.people && box.dataset.me, ...definition.titles[field.id]});
  else input = plain('', test === 'last' || test === 'next' ? 'number' : field.input, values[0]);
  input.setAttribute('aria-label', box.dataset.value);
  place.append(input);
  wake(place);
}

function collect(form, box) {
  for (const old of form.querySelectorAll('[name="c"]')) old.remove();
  for (const line of box.children) {
    const [field, test] = [line.children[0].value, line.children[1].firstElementChild.value];
    const input = line.querySelector('.e-condition-value select, .e-condition-value input');
    const values = !input ? [] : input.tagName === 'SELECT' ? [...input.selectedOptions].map((each) => each.value) : [input.value];
    const hidden = document.createElement('input');
    hidden.type = 'hidden';
    hidden.name = 'c';
    hidden.value = JSON.stringify([field, test, values]);
    form.append(hidden);
  }
}

// --- inputs --------------------------------------------------------------------------------------------------------

function plain(name, type, value = '') {
  const input = document.createElement('input');
  input.className = 'form-control';
  input.name = name;
  input.type = type === 'date' ? 'date' : 'text';
  if (type === 'number') input.inputMode = 'decimal';
  input.value = value;
  input.autocomplete = 'off';
  return input;
}

function choice(name, options, many, chosen) {
  const select = document.createElement('select');
  select.className = 'form-select';
  select.name = name;
  select.multiple = many;
  for (const [value, text] of options) select.append(new Option(text, value, false, chosen.includes(value)));
  if (many) select.dataset.picker = '';
  return select;
}

function picker(name, field, many, chosen, titles) {
  const select = document.createElement('select');
  select.name = name;
  select.multiple = many;
  select.dataset.picker = '';
  select.dataset.choices = field.choices;
  if (titles.me && !chosen.includes('me')) select.append(new Option(titles.me, 'me'));
  for (const value of chosen) select.append(new Option(titles[value] || value, value, true, true));
  return select;
}

function wake(box) {
  startPickers(box);
}
