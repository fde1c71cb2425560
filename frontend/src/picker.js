// Choosing records: Tom Select with the search in the drop-down, options from the server, two lines each.
import TomSelect from 'tom-select/base';
import dropdownInput from 'tom-select/dist/esm/plugins/dropdown_input/plugin.js';
import clearButton from 'tom-select/dist/esm/plugins/clear_button/plugin.js';
import removeButton from 'tom-select/dist/esm/plugins/remove_button/plugin.js';
import {fresh} from './fresh.js';
import {getJson} from './http.js';
import {say} from './words.js';

TomSelect.define('dropdown_input', dropdownInput);
TomSelect.define('clear_button', clearButton);
TomSelect.define('remove_button', removeButton);

export function startPickers(root) {
  for (const select of fresh(root, 'select[data-picker]')) {
    if (!select.closest('template')) startPicker(select);
  }
}

export function startPicker(select) {
  if (!select.hasAttribute('aria-label') && select.labels?.[0]) select.setAttribute('aria-label', select.labels[0].textContent.trim());
  const picker = new TomSelect(select, select.dataset.choices ? {...common(select), ...remote(select)} : common(select));
  const search = picker.dropdown.querySelector('.dropdown-input');
  search?.setAttribute('placeholder', say('search'));
  search?.setAttribute('aria-label', say('search'));
  picker.control_input.setAttribute('aria-label', select.getAttribute('aria-label') || '');
  if (select.dataset.quick) addQuick(picker, select);
  return picker;
}

function common(select) {
  return {
    plugins: select.multiple ? ['remove_button'] : select.required || select.dataset.keep ? ['dropdown_input'] : ['dropdown_input', 'clear_button'],
    maxOptions: 200,
    allowEmptyOption: false,
    hidePlaceholder: select.multiple,
    dropdownParent: select.closest('.e-lines-box, .e-dialog') && !select.closest('dialog') ? 'body' : null,
    openOnFocus: true,
    render: {
      option: (option, escape) => twoLines(option, escape),
      item: (option, escape) => `<div title="${escape(option.text)}">${escape(option.text)}</div>`,
      no_results: () => `<div class="no-results">${say('nothing')}</div>`,
    },
  };
}

function twoLines(option, escape) {
  const context = option.context ? `<span class="e-pick-context">${escape(option.context)}</span>` : '';
  return `<div><span class="e-pick-title">${escape(option.text)}</span>${context}</div>`;
}

function remote(select) {
  let running;
  return {
    preload: 'focus',
    searchField: ['text', 'context', 'found'],
    sortField: [{field: '$order'}],
    score: () => () => 1,
    shouldLoad: () => true,
    load(text, done) {
      running?.abort();
      running = new AbortController();
      const stop = running.signal;
      this.clearOptions((option) => this.items.includes(String(option.value)));
      ask(select, text, stop).then(done, () => stop.aborted || done());
    },
  };
}

// The values typed so far go along: options may depend on them (where: on the link).
async function ask(select, text, signal) {
  const url = new URL(select.dataset.choices, location.href);
  url.searchParams.set('q', text);
  const detail = {values: null, row: null};
  select.dispatchEvent(new CustomEvent('e-choices', {bubbles: true, detail}));
  if (detail.values) url.searchParams.set('values', JSON.stringify(detail.values));
  const {options} = await getJson(url, signal);
  return options.map((option) => ({value: option.value, text: option.title, context: option.context.join(' · '), fills: option.fills, found: text}));
}

function addQuick(picker, select) {
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'e-menu-item';
  button.textContent = `＋ ${select.dataset.quickLabel}`;
  const foot = document.createElement('div');
  foot.className = 'e-quick';
  foot.append(button);
  picker.dropdown.append(foot);
  button.addEventListener('mousedown', (event) => event.preventDefault());
  button.addEventListener('click', () => {
    const typed = picker.dropdown.querySelector('.dropdown-input')?.value || '';
    picker.close();
    select.dispatchEvent(new CustomEvent('e-quick', {bubbles: true, detail: {picker, typed}}));
  });
}
