// The definition at work in the browser: formulas, visible, required, read_only. What needs the server is left to the preview.
import {evaluate, roundTo} from '../formula.js';
import {boxOf, lockBox, readBox} from './inputs.js';
import {isNumber, numberText, toWire} from './typed.js';

export class Computer {
  constructor(form, definition, start) {
    this.form = form;
    this.definition = definition;
    this.parts = new Map(); // what formulas read of other records, by place; told by the server
    this.counts = new Map(); // how many rows lines have that are not on the page
    this.known = new Map(); // pointer → wire value of what has no input: computed fields, fields not on the page
    for (const [name, value] of Object.entries(start)) this.learn(name, value);
  }

  learn(name, shown) {
    const field = this.definition.fields[name];
    if (!field) return;
    if (field.type !== 'lines') this.known.set(name, toWire(field, shown, this.definition.zone));
    else {
      this.counts.set(name, (shown || []).length);
      for (const [position, row] of (shown || []).entries()) this.learnRow(name, field, position, row);
    }
  }

  learnRow(name, field, position, row) {
    for (const [column, shown] of Object.entries(row)) {
      const inner = field.rows[column];
      if (inner) this.known.set(`${name}/${position}/${column}`, toWire(inner, shown, this.definition.zone));
    }
  }

  // A part that has not been told yet leaves what stands there.
  part(place) {
    if (!this.parts.has(place)) throw new Error(`${place} is not known yet`);
    return this.parts.get(place);
  }

  moment() {
    return {calendar: this.definition.calendar, now: new Date().toISOString().replace(/\.\d+Z$/, 'Z'), zone: this.definition.zone, isNew: this.definition.new};
  }

  // The boxes of every field and cell, found once per run: a hundred rows must not slow down typing.
  find() {
    this.boxes = new Map();
    for (const box of this.form.querySelectorAll('[data-field]')) if (!this.boxes.has(box.dataset.field)) this.boxes.set(box.dataset.field, box);
    for (const name of Object.keys(this.definition.fields)) {
      if (this.definition.fields[name].type !== 'lines') continue;
      this.rows(name).forEach((row, position) => {
        for (const cell of row.querySelectorAll('[data-cell]')) this.boxes.set(`${name}/${position}/${cell.dataset.cell}`, cell);
      });
    }
  }

  box(pointer) {
    return this.boxes?.get(pointer) ?? boxOf(this.form, pointer);
  }

  wire(pointer, field) {
    const box = this.box(pointer);
    const typed = box && box.dataset.kind !== 'output' ? readBox(box) : null;
    return typed === null ? (this.known.get(pointer) ?? null) : toWire(field, typed, this.definition.zone);
  }

  values() {
    return {
      value: ([name]) => (this.definition.fields[name] ? this.wire(name, this.definition.fields[name]) : null),
      rows: ([name]) => this.rowValues(name),
      known: (name) => this.part(name),
    };
  }

  rowValues(name) {
    const field = this.definition.fields[name];
    const onPage = this.form.querySelector(`[data-lines="${name}"]`);
    const length = onPage ? this.rows(name).length : this.counts.get(name) ?? 0;
    return Array.from({length}, (_, position) => ({
      value: ([column]) => (field.rows[column] ? this.wire(`${name}/${position}/${column}`, field.rows[column]) : null),
      rows: () => [],
      known: (part) => this.part(`${name}/${position}/${part}`),
    }));
  }

  rows(name) {
    return [...this.form.querySelectorAll(`[data-lines="${name}"] [data-rows] > [data-row]`)];
  }

  run() {
    this.find();
    const values = this.values();
    const moment = this.moment();
    for (const key of this.order()) this.computeField(key, values, moment);
    for (const [name, field] of Object.entries(this.definition.fields)) this.applyStates(name, field, values, moment);
    for (const [id, condition] of Object.entries(this.definition.sections)) {
      if (condition !== 'server') this.showSection(id, evaluate(condition, values, moment) === true);
    }
  }

  // A section with something wrong in it stays: nobody could mend what is not to be seen.
  showSection(id, holds) {
    const section = this.form.querySelector(`[data-section="${id}"]`);
    if (section) section.hidden = !holds && !section.querySelector('.e-wrong');
  }

  order() {
    const fields = Object.entries(this.definition.fields);
    const all = fields.flatMap(([name, field]) => [
      ...Object.entries(field.rows || {}).filter(([, inner]) => inner.formula).map(([column]) => `${name}.${column}`),
      ...(field.formula ? [name] : []),
    ]);
    return this.definition.order.filter((key) => all.includes(key));
  }

  computeField(key, values, moment) {
    const [name, column] = key.split('.');
    const field = this.definition.fields[name];
    if (column === undefined) return this.put(name, field, () => evaluate(field.formula, values, moment));
    const rows = this.rowValues(name);
    const inner = field.rows[column];
    rows.forEach((row, position) => this.put(`${name}/${position}/${column}`, inner, () => evaluate(inner.formula, {row, record: values}, moment)));
    return undefined;
  }

  put(pointer, field, compute) {
    if (field.formula === 'server') return;
    let wire = null;
    try {
      wire = compute();
    } catch {
      return;
    }
    if (isNumber(field.type) && wire !== null) wire = roundTo(wire, field.places);
    this.known.set(pointer, wire);
    if (isNumber(field.type)) this.show(pointer, numberText(field, wire));
    else if (field.type === 'text' || field.type === 'date') this.show(pointer, wire ?? '');
  }

  show(pointer, text) {
    const [name, , column] = pointer.split('/');
    const places = column === undefined
      ? this.form.querySelectorAll(`[data-output="${name}"]`)
      : this.box(pointer)?.querySelectorAll('[data-output]') ?? [];
    for (const place of places) if (place.textContent !== text) place.textContent = text;
  }

  applyStates(name, field, values, moment) {
    this.apply(name, field, values, moment);
    for (const [column, inner] of Object.entries(field.rows || {})) {
      const wanted = inner.visible || inner.required || inner.read_only;
      if (!wanted) continue;
      this.rowValues(name).forEach((row, position) => this.apply(`${name}/${position}/${column}`, inner, {row, record: values}, moment));
    }
  }

  apply(pointer, field, values, moment) {
    for (const word of ['visible', 'required', 'read_only']) {
      const expression = field[word];
      if (!expression || expression === 'server') continue;
      let holds;
      try {
        holds = evaluate(expression, values, moment) === true;
      } catch {
        continue;
      }
      this.setState(pointer, word, holds);
    }
  }

  setState(pointer, word, holds) {
    const inRow = pointer.includes('/');
    const boxes = inRow ? [this.box(pointer)] : [...this.form.querySelectorAll(`[data-field="${pointer}"]`)];
    for (const box of boxes.filter(Boolean)) {
      if (word === 'visible' && !inRow) box.hidden = !holds;
      if (word === 'visible' && inRow) box.classList.toggle('e-off', !holds);
      if (word === 'required' && !inRow) box.classList.toggle('e-required', holds);
      if (word === 'read_only' && box.dataset.kind !== 'output') lockBox(box, holds);
    }
  }
}
