// How a computed value came about: a panel beside the page (on a phone: a sheet), whose parts unfold.
import htmx from 'htmx.org';
import {fresh} from './fresh.js';
import {closeMenus} from './shell.js';

export function startExplaining(root) {
  for (const opener of fresh(root, '[data-explain]')) opener.addEventListener('click', () => explain(opener));
  for (const part of fresh(root, 'details[data-unfold]')) part.addEventListener('toggle', () => unfold(part));
}

async function explain(opener) {
  const dialog = panel();
  closeMenus();
  leaveRowMenu();
  await htmx.ajax('GET', opener.dataset.explain, {target: dialog, swap: 'innerHTML'});
  if (!dialog.firstElementChild || dialog.open) return;
  dialog.showModal();
  dialog.scrollTop = 0;
}

// The menu of a row goes; what opened it gets the focus back when the panel is closed.
function leaveRowMenu() {
  const menu = document.getElementById('row-menu');
  menu?.opener?.focus();
  menu?.remove();
}

// One panel a page, made when it is first asked for.
function panel() {
  const known = document.getElementById('explain');
  if (known) return known;
  const dialog = document.createElement('dialog');
  dialog.id = 'explain';
  dialog.className = 'e-dialog e-beside';
  dialog.setAttribute('aria-labelledby', 'explain-title');
  document.body.append(dialog);
  return dialog;
}

function unfold(part) {
  const inside = part.querySelector(':scope > [hx-get]');
  if (part.open && inside) htmx.trigger(inside, 'e-unfold');
}
