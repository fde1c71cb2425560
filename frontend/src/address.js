// Addresses: province, city and district to choose, the rest to type; one text is sent. The regions come only to pages that ask.
import {joinAddress, levels, splitAddress} from './address_text.js';
import {fresh} from './fresh.js';

export function startAddresses(root) {
  for (const box of fresh(root, '[data-address]')) startAddress(box);
}

async function startAddress(box) {
  const {default: regions} = await import('regions');
  const source = box.querySelector('textarea');
  const detail = source.cloneNode();
  detail.removeAttribute('name');
  detail.id = `${source.id}-detail`;
  detail.rows = 1;
  detail.placeholder ||= box.dataset.detail;
  const selects = box.dataset.levels.split('|').map((label) => makeSelect(label, source.disabled));
  const row = document.createElement('div');
  row.className = 'e-address-regions';
  row.append(...selects);
  const show = () => {
    const {chosen, rest} = splitAddress(source.value, regions);
    offer(selects, chosen, regions);
    detail.value = rest;
  };
  const take = (event, at) => {
    event.stopPropagation();
    const chosen = selects.map((each) => each.value).slice(0, at === undefined ? 3 : at + 1);
    if (at !== undefined) offer(selects, chosen, regions);
    source.value = joinAddress(chosen, detail.value);
    source.dispatchEvent(new Event(event.type, {bubbles: true}));
  };
  selects.forEach((select, at) => select.addEventListener('change', (event) => take(event, at)));
  for (const kind of ['input', 'change']) detail.addEventListener(kind, (event) => take(event));
  source.addEventListener('e-written', () => document.activeElement !== detail && show());
  show();
  source.hidden = true;
  box.append(row, detail);
  const label = document.querySelector(`label[for="${source.id}"]`);
  if (label) label.htmlFor = detail.id;
}

function makeSelect(label, disabled) {
  const select = document.createElement('select');
  select.className = 'form-select';
  select.setAttribute('aria-label', label);
  select.disabled = disabled;
  select.dataset.hint = label;
  return select;
}

function offer(selects, chosen, regions) {
  const offered = levels(chosen, regions);
  selects.forEach((select, at) => {
    const names = offered[at] || [];
    select.replaceChildren(new Option(select.dataset.hint, ''), ...names.map((name) => new Option(name, name)));
    select.value = names.includes(chosen[at]) ? chosen[at] : '';
    select.hidden = at > 0 && !names.length;
  });
}
