// The record's page: tasks save when ticked, comments know @names, links are copied.
import htmx from 'htmx.org';
import {fresh} from './fresh.js';
import {getJson} from './http.js';
import {chooseTab} from './shell.js';
import {toast} from './toasts.js';
import {say} from './words.js';

export function startRecord(root) {
  for (const stage of fresh(root, '.e-stage[aria-current]')) stage.parentElement.scrollLeft = stage.offsetLeft - 24;
  for (const tabs of fresh(root, '[data-tabs]')) startTabs(tabs);
  for (const form of fresh(root, 'form[data-task]')) form.addEventListener('change', () => form.requestSubmit());
  for (const form of fresh(root, 'form[data-comment]')) startComment(form);
  for (const button of fresh(root, '[data-copy-link]')) button.addEventListener('click', () => copyLink(button));
  for (const button of fresh(root, '[data-load-dialog]')) button.addEventListener('click', () => loadDialog(button.dataset.loadDialog));
  for (const button of fresh(root, '[data-print]')) button.addEventListener('click', () => setTimeout(() => window.print()));
}

// The chosen tab stands in the address, so that going back and sharing lead to it.
function startTabs(tabs) {
  tabs.addEventListener('e-tab', ({target}) => history.replaceState(history.state, '', target.id === 'tab-details' ? location.pathname + location.search : `#${target.id}`));
  const wanted = location.hash && tabs.querySelector(`[id="${CSS.escape(location.hash.slice(1))}"]`);
  if (wanted) setTimeout(() => chooseTab(wanted));
}

async function loadDialog(url) {
  const dialog = document.getElementById('loaded');
  await htmx.ajax('GET', url, {target: dialog, swap: 'innerHTML'});
  if (!dialog.open && dialog.firstElementChild) dialog.showModal();
}

async function copyLink(button) {
  await navigator.clipboard.writeText(new URL(button.dataset.copyLink, location.href).href);
  toast(say('copied'));
}

function startComment(form) {
  const area = form.querySelector('textarea');
  const list = form.querySelector('.e-mention-list');
  area.addEventListener('keydown', (event) => {
    if (!list.hidden) return inList(event, area, list);
    if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') form.requestSubmit();
    return undefined;
  });
  area.addEventListener('input', () => suggest(form, area, list));
  area.addEventListener('blur', () => setTimeout(() => { list.hidden = true; }, 150));
  list.addEventListener('mousedown', (event) => {
    event.preventDefault();
    const item = event.target.closest('li');
    if (item) take(item, area, list);
  });
}

const typedName = (area) => area.value.slice(0, area.selectionStart).match(/@([^\s@]{0,20})$/)?.[1];

async function suggest(form, area, list) {
  const name = typedName(area);
  if (name === undefined) {
    list.hidden = true;
    return;
  }
  const url = new URL(form.dataset.comment, location.href);
  url.searchParams.set('q', name);
  const {options} = await getJson(url).catch(() => ({options: []}));
  if (typedName(area) !== name) return;
  list.replaceChildren(...options.slice(0, 6).map(personItem));
  list.hidden = !options.length;
  list.firstElementChild?.setAttribute('aria-selected', 'true');
}

function personItem(person) {
  const item = document.createElement('li');
  item.setAttribute('role', 'option');
  item.dataset.name = person.title;
  item.textContent = [person.title, ...person.context].join(' · ');
  return item;
}

function inList(event, area, list) {
  const items = [...list.children];
  const at = items.findIndex((item) => item.getAttribute('aria-selected') === 'true');
  if (event.key === 'Escape') list.hidden = true;
  else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    const next = items[(at + (event.key === 'ArrowDown' ? 1 : -1) + items.length) % items.length];
    items[at]?.removeAttribute('aria-selected');
    next.setAttribute('aria-selected', 'true');
  } else if (event.key === 'Enter' || event.key === 'Tab') take(items[at], area, list);
  else return;
  event.preventDefault();
}

function take(item, area, list) {
  const end = area.selectionStart;
  const start = area.value.slice(0, end).lastIndexOf('@');
  area.setRangeText(`@${item.dataset.name} `, start, end, 'end');
  list.hidden = true;
  area.focus();
}
