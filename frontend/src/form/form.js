// The form of a record: it computes while it is filled in, asks the server what saving would say, and guards what was typed.
import htmx from 'htmx.org';
import {enhance} from '../enhance.js';
import {parseNumber} from '../formula_numbers.js';
import {fresh} from '../fresh.js';
import {csrf} from '../http.js';
import {toast} from '../toasts.js';
import {say} from '../words.js';
import {Computer} from './compute.js';
import {boxOf, grouped, inputOf, paintStars, readBox, showError, writeBox} from './inputs.js';
import {startLines} from './lines.js';
import {compactNumber, toWire} from './typed.js';

const PREVIEW_AFTER = 350;

export function startForms(root) {
  for (const form of fresh(root, 'form[data-record-form]')) new RecordForm(form).start();
  for (const stars of fresh(root, '[data-stars]')) startStars(stars);
}

function startStars(stars) {
  stars.addEventListener('click', (event) => {
    const star = event.target.closest('.e-star');
    if (!star) return;
    const input = stars.querySelector('input');
    input.value = input.value === star.dataset.value ? '' : star.dataset.value;
    paintStars(input);
    input.dispatchEvent(new Event('change', {bubbles: true}));
  });
}

// Numbers stand in groups of three while nobody edits them.
function groupNumber(input) {
  if (!input.matches?.('input[inputmode="decimal"]')) return;
  input.value = grouped(parseNumber(compactNumber(input.value)) ? compactNumber(input.value) : input.value);
}

function plainNumber(input) {
  if (input.matches?.('input[inputmode="decimal"]') && input.value.includes(',')) {
    input.value = input.value.replaceAll(',', '');
    input.select();
  }
}

class RecordForm {
  constructor(form) {
    this.form = form;
    // a part of a page that htmx brings has no scripts: there the definition stands on the form
    this.definition = JSON.parse(form.dataset.definition ?? document.getElementById('form-definition').textContent);
    this.computer = new Computer(form, this.definition, JSON.parse(form.elements._start.value || '{}'));
    this.touched = new Set();
    this.dirty = Boolean(form.querySelector('.e-problems')); // a refused form holds what has not been saved
    this.asked = 0;
  }

  start() {
    for (const panel of this.form.querySelectorAll('[data-lines]')) this.startLines(panel);
    this.form.addEventListener('input', (event) => this.typed(event));
    this.form.addEventListener('change', (event) => this.left(event));
    this.form.addEventListener('e-chosen', (event) => this.fill(event.target, event.detail.fills));
    this.form.addEventListener('e-choices', (event) => this.tellValues(event));
    this.form.addEventListener('e-quick', (event) => this.quick(event));
    this.form.addEventListener('e-files', () => this.edited());
    this.form.addEventListener('keydown', (event) => this.key(event));
    this.form.addEventListener('focusin', (event) => plainNumber(event.target));
    this.form.addEventListener('focusout', (event) => groupNumber(event.target));
    for (const input of this.form.querySelectorAll('input[inputmode="decimal"]')) groupNumber(input);
    this.form.addEventListener('click', (event) => this.click(event));
    this.form.addEventListener('submit', (event) => this.submit(event));
    window.addEventListener('beforeunload', (event) => this.dirty && this.form.isConnected && event.preventDefault());
    this.computer.run();
    if (JSON.stringify(this.definition.fields).includes('["known",')) this.preview();
    this.focusFirst();
  }

  startLines(panel) {
    const lines = startLines(panel, () => this.edited());
    if (this.definition.new && !lines.rows().length) lines.add();
  }

  focusFirst() {
    const notice = this.form.querySelector('[data-focus]');
    if (notice) notice.focus({preventScroll: false});
    else if (this.definition.new && matchMedia('(min-width: 821px)').matches) {
      const first = this.form.querySelector('.e-field:not([hidden]) :is(.form-control, .form-select, .ts-control)');
      if (first?.matches('input[type="text"], textarea')) first.focus();
    }
  }

  pointerOf(element) {
    const cell = element.closest('[data-cell]');
    if (!cell) return element.closest('[data-field]')?.dataset.field;
    const row = cell.closest('[data-row]');
    const name = cell.closest('[data-lines]').dataset.lines;
    return `${name}/${this.computer.rows(name).indexOf(row)}/${cell.dataset.cell}`;
  }

  typed(event) {
    if (event.target.closest('.ts-dropdown, .dropdown-input-wrap')) return;
    this.edited();
  }

  left(event) {
    const pointer = this.pointerOf(event.target);
    if (pointer) this.touched.add(pointer);
    const field = pointer && this.fieldAt(pointer);
    if (field?.fill.length && event.target.tomselect) {
      this.fill(event.target, event.target.tomselect.options[event.target.value]?.fills);
    }
    this.edited();
  }

  fieldAt(pointer) {
    const [name, , column] = pointer.split('/');
    const field = this.definition.fields[name];
    return column === undefined ? field : field?.rows[column];
  }

  edited() {
    this.dirty = true;
    this.form.dataset.dirty = 'yes';
    document.querySelector('[data-unsaved]')?.classList.remove('e-hide');
    this.computer.run();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.preview(), PREVIEW_AFTER);
  }

  // fill: what a chosen record brings along, {field: {shown, title}}, into the fields beside the link.
  fill(element, fills) {
    const scope = element.closest('[data-row]');
    for (const [name, {shown, title}] of Object.entries(fills || {})) {
      const box = scope ? scope.querySelector(`[data-cell="${name}"]`) : this.form.querySelector(`[data-field="${name}"]`);
      if (!box) continue;
      if (box.dataset.kind === 'output') this.learnFill(scope, box, name, shown, title);
      else writeBox(box, shown, title);
    }
    this.edited();
  }

  learnFill(scope, box, name, shown, title) {
    const pointer = scope ? this.pointerOf(box) : name;
    this.computer.known.set(pointer, toWire(this.fieldAt(pointer), shown, this.definition.zone));
    this.computer.show(pointer, title || (Array.isArray(shown) ? shown.join(', ') : shown));
  }

  tellValues(event) {
    const {fields, zone} = this.definition;
    const values = {};
    for (const [name, field] of Object.entries(fields)) {
      if (field.type !== 'lines') values[name] = this.computer.wire(name, field);
    }
    event.detail.values = values;
    const cell = event.target.closest('[data-cell]');
    if (!cell) return;
    const name = cell.closest('[data-lines]').dataset.lines;
    const row = {};
    for (const each of cell.closest('[data-row]').querySelectorAll('[data-cell]')) {
      const inner = fields[name].rows[each.dataset.cell];
      if (inner && each.dataset.kind !== 'output') row[each.dataset.cell] = toWire(inner, readBox(each), zone);
    }
    values[name] = [row];
  }

  async preview() {
    const asked = ++this.asked;
    const body = new URLSearchParams(new FormData(this.form));
    const headers = {Accept: 'application/json', 'X-CSRF-Token': csrf()};
    let answer;
    try {
      answer = await fetch(this.definition.preview, {method: 'POST', headers, body});
    } catch {
      return;
    }
    if (!answer.ok || asked !== this.asked) return;
    this.show(await answer.json());
  }

  show(told) {
    const computer = this.computer;
    for (const [pointer, text] of Object.entries(told.texts)) {
      if (this.fieldAt(pointer)?.formula === 'server') computer.show(pointer, text);
    }
    for (const [name, shown] of Object.entries(told.inputs)) {
      if (this.fieldAt(name)?.formula === 'server') computer.learn(name, shown);
    }
    computer.parts = new Map(Object.entries(told.known));
    this.showStates(told);
    this.showChoices(told.choices);
    this.showProblems(told.problems);
    computer.run();
  }

  showStates(told) {
    for (const [id, condition] of Object.entries(this.definition.sections)) if (condition === 'server') this.computer.showSection(id, !told.away.includes(id));
    for (const [word, names] of [['visible', told.hidden], ['required', told.required], ['read_only', told.read_only]]) {
      const listed = new Set(names);
      for (const [name, field] of Object.entries(this.definition.fields)) {
        if (field[word] === 'server') this.computer.setState(name, word, word === 'visible' ? !listed.has(name) : listed.has(name));
      }
    }
  }

  showChoices(choices) {
    for (const [pointer, ids] of Object.entries(choices)) {
      const input = inputOf(boxOf(this.form, pointer));
      if (!input || input.tomselect) continue;
      for (const option of input.options) option.hidden = option.disabled = Boolean(option.value) && !ids.includes(option.value) && !option.selected;
    }
  }

  // Only what was touched is judged while typing; what was wrong and is right again is cleared at once.
  showProblems(problems) {
    for (const error of this.form.querySelectorAll('[data-error]:not([hidden])')) {
      const pointer = this.pointerOf(error);
      if (pointer && !problems[pointer]) showError(boxOf(this.form, pointer), '');
    }
    for (const pointer of this.touched) {
      const box = boxOf(this.form, pointer);
      if (box && problems[pointer] && readBox(box)?.length) showError(box, problems[pointer].join(' '));
    }
  }

  key(event) {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 's') {
      event.preventDefault();
      this.save();
    } else if (event.key === 'Enter' && event.target.matches('input') && !event.defaultPrevented) {
      event.preventDefault();
    }
  }

  // A form with several buttons names the one that saves; where it is not there, nothing is sent.
  save() {
    const {saves} = this.form.dataset;
    const button = saves && this.form.querySelector(saves);
    if (!saves || button) this.form.requestSubmit(button || undefined);
  }

  click(event) {
    const jump = event.target.closest('[data-jump]');
    if (jump) {
      event.preventDefault();
      this.jump(jump.dataset.jump);
    }
    const take = event.target.closest('[data-take]');
    if (take) {
      const option = this.definition.fields[take.dataset.take];
      writeBox(boxOf(this.form, take.dataset.take), option?.type === 'boolean' ? take.dataset.value === 'true' : take.dataset.value, take.dataset.title);
      take.disabled = true;
      this.edited();
    }
  }

  jump(pointer) {
    const box = boxOf(this.form, pointer);
    const input = inputOf(box);
    (input?.tomselect ?? input)?.focus();
    box?.scrollIntoView({block: 'center'});
  }

  submit(event) {
    if (this.sent) {
      event.preventDefault();
      return;
    }
    this.sent = true;
    this.dirty = false;
    for (const button of document.querySelectorAll('[form="record-form"], .e-actionbar .btn-primary')) button.setAttribute('aria-disabled', 'true');
  }

  // A new record for a link, in a small dialog; afterwards it is chosen.
  async quick({target, detail: {picker, typed}}) {
    const dialog = document.getElementById('quick');
    const url = new URL(target.dataset.quick, location.href);
    if (typed) url.searchParams.set('typed', typed);
    const answer = await fetch(url, {headers: {'HX-Request': 'true'}});
    if (!answer.ok) return toast(say('failed'), 'bad');
    this.fillQuick(dialog, await answer.text(), picker);
    dialog.showModal();
    dialog.querySelector('.form-control')?.focus();
    return undefined;
  }

  fillQuick(dialog, html, picker) {
    dialog.innerHTML = html;
    htmx.process(dialog);
    enhance(dialog);
    const form = dialog.querySelector('form');
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      this.saveQuick(dialog, form, picker);
    });
  }

  async saveQuick(dialog, form, picker) {
    const answer = await fetch(form.action, {
      method: 'POST', body: new URLSearchParams(new FormData(form)), headers: {'X-CSRF-Token': csrf(), 'HX-Request': 'true'},
    });
    if (answer.status === 422) return this.fillQuick(dialog, await answer.text(), picker);
    if (!answer.ok) return toast(say('failed'), 'bad');
    const made = await answer.json();
    dialog.close();
    picker.addOption({value: made.value, text: made.title, context: '', fills: made.fills});
    picker.input.multiple ? picker.addItem(made.value) : picker.setValue(made.value);
    return undefined;
  }
}
