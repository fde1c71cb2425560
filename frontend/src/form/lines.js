// Rows of lines: adding, copying, removing, walking with the keyboard, pasting from a sheet.
import {enhance} from '../enhance.js';
import {getJson} from '../http.js';
import {toast} from '../toasts.js';
import {say} from '../words.js';
import {inputOf, readBox, showError, writeBox} from './inputs.js';
import {parseSheet} from './sheet.js';

const NEEDS_ARROWS = 'select, textarea, .ts-wrapper *, input[type="date"], input[type="time"], input[type="month"], input[type="datetime-local"]';

export function startLines(panel, changed) {
  const lines = new Lines(panel, changed);
  panel.addEventListener('click', (event) => lines.click(event));
  panel.addEventListener('keydown', (event) => lines.key(event));
  panel.addEventListener('paste', (event) => lines.paste(event));
  return lines;
}

class Lines {
  constructor(panel, changed) {
    this.panel = panel;
    this.changed = changed;
    this.body = panel.querySelector('[data-rows]');
    this.blank = panel.querySelector('template[data-blank]');
    this.next = Number(panel.dataset.next);
  }

  rows() {
    return [...this.body.querySelectorAll(':scope > [data-row]')];
  }

  add(after = null) {
    if (!this.blank) return null;
    const holder = document.createElement('tbody');
    holder.innerHTML = this.blank.innerHTML.replaceAll('__row__', String(this.next++));
    const row = holder.querySelector('[data-row]');
    after ? after.after(row) : this.body.append(row);
    enhance(row);
    this.renumber();
    return row;
  }

  renumber() {
    this.rows().forEach((row, position) => {
      row.querySelector('[data-number]').textContent = String(position + 1);
    });
    this.panel.querySelector('[data-row-count]').textContent = String(this.rows().length);
  }

  click(event) {
    const row = event.target.closest('[data-row]');
    if (event.target.closest('[data-add-row]')) {
      const added = this.add();
      this.changed(added);
      this.focus(added, 0);
    } else if (event.target.closest('[data-remove-row]')) {
      this.remove(row);
    } else if (event.target.closest('[data-copy-row]')) {
      this.changed(this.copy(row));
    }
  }

  remove(row) {
    const rows = this.rows();
    const neighbour = rows[rows.indexOf(row) + 1] || rows[rows.indexOf(row) - 1];
    row.remove();
    this.renumber();
    this.changed(null);
    if (neighbour) neighbour.querySelector('[data-remove-row]')?.focus();
    else this.panel.querySelector('[data-add-row]')?.focus();
  }

  copy(row) {
    const added = this.add(row);
    for (const cell of row.querySelectorAll('[data-cell]')) {
      const target = added.querySelector(`[data-cell="${cell.dataset.cell}"]`);
      const input = inputOf(cell);
      const title = input?.tomselect ? input.tomselect.options[input.value]?.text : '';
      if (cell.dataset.kind !== 'output') writeBox(target, readBox(cell), title);
    }
    return added;
  }

  cells(row) {
    return [...row.querySelectorAll('[data-cell]')].filter((cell) => cell.dataset.kind !== 'output' && inputOf(cell) && !inputOf(cell).disabled);
  }

  focus(row, column) {
    const input = inputOf(this.cells(row)[column]);
    if (input?.tomselect) input.tomselect.control_input.closest('.ts-control')?.querySelector('input, [tabindex]')?.focus();
    else input?.focus();
    if (input?.matches('input[type="text"]')) input.select();
  }

  // Up, down and Enter walk in the column; Enter below the last row and Tab behind the last cell make a new row.
  key(event) {
    const cell = event.target.closest('[data-cell]');
    if (!cell || event.altKey || event.ctrlKey || event.metaKey || event.isComposing) return;
    const row = cell.closest('[data-row]');
    const column = this.cells(row).indexOf(cell);
    if (event.key === 'Tab' && !event.shiftKey) this.tab(event, row, column);
    else if (event.target.matches(NEEDS_ARROWS)) return;
    else if (event.key === 'Enter') this.step(event, row, column, 1, true);
    else if (event.key === 'ArrowDown') this.step(event, row, column, 1, false);
    else if (event.key === 'ArrowUp') this.step(event, row, column, -1, false);
  }

  tab(event, row, column) {
    const rows = this.rows();
    if (row !== rows[rows.length - 1] || column !== this.cells(row).length - 1 || !this.blank) return;
    event.preventDefault();
    const added = this.add();
    this.changed(added);
    this.focus(added, 0);
  }

  step(event, row, column, by, grows) {
    event.preventDefault();
    const rows = this.rows();
    let next = rows[rows.indexOf(row) + by];
    if (!next && grows) {
      next = this.add();
      this.changed(next);
    }
    if (next) this.focus(next, column);
  }

  paste(event) {
    const cell = event.target.closest('[data-cell]');
    const text = event.clipboardData?.getData('text/plain') || '';
    const table = parseSheet(text);
    if (!cell || (table.length < 2 && (table[0]?.length ?? 0) < 2)) return;
    event.preventDefault();
    this.fill(cell, table);
  }

  async fill(cell, table) {
    const first = cell.closest('[data-row]');
    const column = this.cells(first).indexOf(cell);
    const rows = this.rows();
    const start = rows.indexOf(first);
    const targets = table.map((_, position) => rows[start + position] || this.add());
    await Promise.all(table.map((texts, position) => this.fillRow(targets[position], column, texts)));
    this.changed(targets[targets.length - 1]);
    toast(say('rows_pasted', {count: table.length}));
  }

  // Links first: choosing a record fills other cells, and what was pasted for those must win.
  async fillRow(row, column, texts) {
    const pairs = this.cells(row).slice(column).map((cell, position) => [cell, texts[position]]).filter(([, text]) => text !== undefined);
    for (const [cell, text] of pairs) if (cell.dataset.kind === 'picker') await fillLink(cell, text.trim());
    for (const [cell, text] of pairs) if (cell.dataset.kind !== 'picker') fillCell(cell, text.trim());
  }
}

async function fillLink(cell, text) {
  const input = inputOf(cell);
  if (!text) return writeBox(cell, '');
  const url = new URL(input.dataset.choices, location.href);
  url.searchParams.set('q', text);
  const {options} = await getJson(url).catch(() => ({options: []}));
  const found = options.find((option) => option.title === text) || options.find((option) => option.context.includes(text)) || (options.length === 1 ? options[0] : null);
  if (!found) return showError(cell, `${say('nothing')}: ${text}`);
  showError(cell, '');
  writeBox(cell, found.value, found.title);
  input.dispatchEvent(new CustomEvent('e-chosen', {bubbles: true, detail: {fills: found.fills}}));
  return undefined;
}

function fillCell(cell, text) {
  const input = inputOf(cell);
  if (cell.dataset.kind === 'switch') return writeBox(cell, /^(true|yes|y|1|是|√|✓)$/i.test(text) ? 'true' : 'false');
  if (input.matches('select')) {
    const option = [...input.options].find((each) => each.text.trim() === text || each.value === text);
    return option ? writeBox(cell, option.value) : showError(cell, `${say('nothing')}: ${text}`);
  }
  return writeBox(cell, input.type === 'date' ? dayOf(text) : text);
}

function dayOf(text) {
  const match = text.match(/^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/);
  return match ? `${match[1]}-${match[2].padStart(2, '0')}-${match[3].padStart(2, '0')}` : text;
}
