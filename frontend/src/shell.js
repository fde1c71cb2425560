// The frame around every page: search by Ctrl K, the drawer on phones, menus, dialogs, tabs and folding sections.
import {say} from './words.js';

export function startShell() {
  document.addEventListener('keydown', keys);
  document.addEventListener('click', clicks);
  document.addEventListener('submit', askFirst, true);
  document.addEventListener('htmx:confirm', askHtmx);
}

function keys(event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
    event.preventDefault();
    openSearch();
  } else if (event.key === 'Escape') {
    closeMenus();
    drawer(false);
  } else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    stepInMenu(event);
  } else if (event.key === 'ArrowRight' || event.key === 'ArrowLeft') {
    stepInTabs(event);
  }
}

function openSearch() {
  const field = document.querySelector('[data-search]');
  if (field && field.offsetParent) {
    field.focus();
    field.select();
  } else {
    document.querySelector('[data-search-link]')?.click();
  }
}

function clicks(event) {
  const menu = event.target.closest('[data-menu]');
  if (!event.target.closest('.e-menu') || event.target.closest('.e-menu-item')) closeMenus(menu);
  if (menu) toggleMenu(menu);
  const opener = event.target.closest('[data-dialog]');
  if (opener) openDialog(opener);
  const closer = event.target.closest('[data-close]');
  if (closer) closer.closest('dialog')?.close();
  if (event.target.matches?.('dialog.e-dialog')) closeOutside(event);
  const tab = event.target.closest('[role="tab"]');
  if (tab) chooseTab(tab);
  const fold = event.target.closest('[data-fold]');
  if (fold) toggleFold(fold);
  if (event.target.closest('[data-drawer]')) drawer(true);
  if (event.target.closest('.e-veil')) drawer(false);
}

function toggleMenu(button) {
  const menu = document.getElementById(button.dataset.menu);
  const open = menu.hidden;
  menu.hidden = !open;
  button.setAttribute('aria-expanded', String(open));
  if (!open) return;
  keepInSight(menu);
  menu.querySelector('.e-menu-item:not(:disabled)')?.focus({preventScroll: true});
}

// A menu that would leave the window opens to the other side.
function keepInSight(menu) {
  const box = menu.getBoundingClientRect();
  if (box.left < 4) menu.classList.add('left');
  else if (box.right > innerWidth - 4) menu.classList.remove('left');
  if (box.bottom > innerHeight - 4 && box.top > box.height + 60) menu.classList.add('up');
}

export function closeMenus(except = null) {
  for (const button of document.querySelectorAll('[data-menu][aria-expanded="true"]')) {
    if (button === except) continue;
    const menu = document.getElementById(button.dataset.menu);
    if (menu.contains(document.activeElement)) button.focus();
    menu.hidden = true;
    button.setAttribute('aria-expanded', 'false');
  }
}

function stepInMenu(event) {
  const menu = event.target.closest?.('.e-menu');
  if (!menu) return;
  event.preventDefault();
  const items = [...menu.querySelectorAll('.e-menu-item:not(:disabled)')];
  const step = event.key === 'ArrowDown' ? 1 : -1;
  items[(items.indexOf(document.activeElement) + step + items.length) % items.length]?.focus();
}

export function openDialog(opener) {
  const dialog = document.getElementById(opener.dataset.dialog);
  closeMenus();
  dialog.showModal();
  dialog.querySelector('[autofocus], input:not([type="hidden"]), select, textarea')?.focus();
}

function closeOutside(event) {
  const box = event.target.getBoundingClientRect();
  const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
  if (!inside) event.target.close();
}

function stepInTabs(event) {
  const tab = event.target.closest?.('[role="tab"]');
  if (!tab) return;
  const tabs = [...tab.closest('[role="tablist"]').querySelectorAll('[role="tab"]')];
  const step = event.key === 'ArrowRight' ? 1 : -1;
  const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
  next.focus();
  chooseTab(next);
}

export function chooseTab(tab) {
  for (const other of tab.closest('[role="tablist"]').querySelectorAll('[role="tab"]')) {
    const chosen = other === tab;
    other.setAttribute('aria-selected', String(chosen));
    other.tabIndex = chosen ? 0 : -1;
    document.getElementById(other.getAttribute('aria-controls')).hidden = !chosen;
  }
  tab.dispatchEvent(new CustomEvent('e-tab', {bubbles: true}));
}

function toggleFold(button) {
  const open = button.getAttribute('aria-expanded') !== 'true';
  button.setAttribute('aria-expanded', String(open));
  document.getElementById(button.getAttribute('aria-controls')).hidden = !open;
}

function drawer(open) {
  const side = document.getElementById('side');
  if (!side || side.classList.contains('e-open') === open) return;
  side.classList.toggle('e-open', open);
  document.querySelector('.e-veil').classList.toggle('e-open', open);
  document.querySelector('[data-drawer]')?.setAttribute('aria-expanded', String(open));
  if (open) side.querySelector('a, button')?.focus();
}

// <form data-confirm="sentence">: the sentence is asked in our own dialog before the form is sent.
function askFirst(event) {
  const question = event.submitter?.dataset.confirm || event.target.dataset.confirm;
  if (!question || event.target.dataset.confirmed) return;
  event.preventDefault();
  event.stopPropagation();
  confirm(question).then((yes) => {
    if (!yes) return;
    event.target.dataset.confirmed = 'yes';
    event.target.requestSubmit(event.submitter);
    delete event.target.dataset.confirmed;
  });
}

function askHtmx(event) {
  if (!event.detail.question) return;
  event.preventDefault();
  confirm(event.detail.question).then((yes) => yes && event.detail.issueRequest(true));
}

export function confirm(question) {
  const dialog = document.getElementById('confirm');
  dialog.querySelector('[data-question]').textContent = question;
  dialog.querySelector('[data-yes]').textContent = say('yes');
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), {once: true});
  });
}
