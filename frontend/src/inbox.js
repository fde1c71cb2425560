// The inbox: an approval opens beside the list where there is room; rows are ticked; what is missing is said before anything is sent.
import htmx from 'htmx.org';
import {fresh} from './fresh.js';
import {confirm} from './shell.js';
import {say} from './words.js';

const NEXT = 'inbox-next';
const beside = () => matchMedia('(min-width: 1100px)').matches;

export function startInbox(root) {
  for (const box of fresh(root, '[data-inbox]')) startBox(box);
  for (const form of fresh(root, '[data-batch]')) startTicks(form);
  for (const form of fresh(root, 'form[data-decide]')) startDeciding(form);
  for (const way of fresh(root, '.e-way')) showHere(way);
}

// The step at which it stands is in sight, however long the way.
function showHere(way) {
  const here = way.querySelector('[aria-current]') ?? way.lastElementChild;
  const box = way.parentElement;
  if (here && box.scrollWidth > box.clientWidth) box.scrollLeft = here.offsetLeft - box.clientWidth / 2 + here.offsetWidth / 2;
}

// --- the list beside the approval ---

function startBox(box) {
  const inbox = new Inbox(box);
  box.addEventListener('click', (event) => inbox.click(event));
  document.addEventListener('keydown', (event) => box.isConnected && inbox.key(event));
  window.addEventListener('popstate', () => box.isConnected && location.reload());
  inbox.begin();
}

class Inbox {
  constructor(box) {
    this.box = box;
    this.pane = box.querySelector('#case');
  }

  links() {
    return [...this.box.querySelectorAll('[data-open]')];
  }

  current() {
    return this.box.querySelector('[data-open][aria-current]');
  }

  // After a decision the approval that came behind it, else the first one.
  begin() {
    const wanted = sessionStorage.getItem(NEXT);
    sessionStorage.removeItem(NEXT);
    const rows = this.box.querySelector('[data-inbox-rows]');
    if (this.current()) this.current().scrollIntoView({block: 'nearest'});
    if (rows && this.current()) return;
    if (!beside() || 'quiet' in this.box.dataset || this.current()) return;
    const links = this.links();
    const link = links.find((each) => each.dataset.open === wanted) ?? links[0];
    if (link) this.open(link, 'replace');
  }

  click(event) {
    const link = event.target.closest('[data-open]');
    if (!link || !beside() || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    this.open(link, 'push');
  }

  async open(link, how) {
    const form = this.pane.querySelector('form[data-decide]');
    if (form?.dataset.dirty && !(await confirm(say('unsaved')))) return;
    if (form) delete form.dataset.dirty;
    this.current()?.removeAttribute('aria-current');
    link.setAttribute('aria-current', 'true');
    link.closest('.unread')?.classList.remove('unread');
    link.querySelector('[data-unread]')?.remove();
    if (this.pane.querySelector('.e-empty')) this.pane.replaceChildren(waiting());
    this.pane.classList.add('busy');
    const asked = link.href;
    this.asked = asked;
    await htmx.ajax('GET', asked, {target: this.pane, swap: 'innerHTML'}).catch(() => {});
    if (this.asked !== asked) return;
    this.pane.classList.remove('busy');
    this.pane.scrollTop = 0;
    if (how === 'push') history.pushState({inbox: true}, '', link.href);
  }

  // j and k walk in the list, / goes to the search.
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.('input, textarea, select, dialog, .ts-wrapper, [contenteditable]')) return;
    if (document.querySelector('dialog[open]')) return;
    if (event.key === 'j' || event.key === 'k') this.walk(event, event.key === 'j' ? 1 : -1);
    else if (event.key === '/') {
      event.preventDefault();
      this.box.querySelector('[data-inbox-search]')?.focus();
    }
  }

  walk(event, by) {
    const links = this.links();
    const next = links[links.indexOf(this.current()) + by];
    if (!next) return;
    event.preventDefault();
    next.focus();
    next.scrollIntoView({block: 'nearest'});
    if (beside()) this.open(next, 'push');
  }
}

// Something like a page, until the page is there.
function waiting() {
  const box = document.createElement('div');
  box.className = 'e-case-wait';
  for (let line = 0; line < 6; line++) box.append(Object.assign(document.createElement('div'), {className: 'e-skeleton'}));
  return box;
}

// --- several at once ---

function startTicks(form) {
  const all = form.querySelector('[data-tick-all]');
  const ticks = () => [...form.querySelectorAll('input[name="task"]')];
  const count = form.querySelector('[data-ticked-count]');
  const show = () => {
    const ticked = ticks().filter((each) => each.checked).length;
    for (const button of form.querySelectorAll('[data-ticked]')) button.disabled = !ticked;
    count.textContent = ticked ? `${count.dataset.one} (${ticked})` : count.dataset.one;
    all.checked = ticked > 0 && ticked === ticks().length;
    all.indeterminate = ticked > 0 && ticked < ticks().length;
  };
  all.addEventListener('change', () => {
    for (const each of ticks()) each.checked = all.checked;
    show();
  });
  form.addEventListener('change', show);
  form.addEventListener('htmx:afterSettle', show);
  show();
}

// --- one decision ---

function startDeciding(form) {
  // Before the form's own listeners: what is not sent must not look as if it were.
  form.parentElement.addEventListener('submit', (event) => event.target === form && beforeSend(form, event), true);
  form.addEventListener('keydown', (event) => keys(form, event));
  form.addEventListener('click', (event) => {
    const opener = event.target.closest('[data-dialog]');
    const reason = opener && document.getElementById(opener.dataset.dialog)?.querySelector('[data-reason]');
    if (reason && !reason.value) reason.value = form.elements._opinion?.value ?? '';
  });
  form.elements._opinion?.addEventListener('input', () => tell(form.querySelector('[data-opinion]'), false));
  for (const reason of form.querySelectorAll('[data-reason]')) reason.addEventListener('input', () => tell(reason.closest('.e-field'), false));
  form.querySelector('dialog[data-open-now]')?.showModal();
  if (form.querySelector('[data-opinion].e-wrong')) form.elements._opinion.focus();
}

function keys(form, event) {
  if ((event.ctrlKey || event.metaKey) && event.key === 'Enter' && !event.target.closest('dialog')) {
    event.preventDefault();
    const main = form.querySelector('[data-main]');
    if (main) form.requestSubmit(main);
  } else if (event.key === 'Enter' && event.target.matches('dialog input')) {
    event.preventDefault();
  }
}

function beforeSend(form, event) {
  const button = event.submitter;
  const needs = (button?.dataset.needs ?? '').split(' ');
  const missing = [needs.includes('opinion') && form.querySelector('[data-opinion]'), needs.includes('reason') && button.closest('dialog').querySelector('[data-reason]').closest('.e-field')].filter(Boolean).find((box) => !box.querySelector('textarea').value.trim());
  if (missing) {
    stop(event);
    tell(missing, true);
    missing.querySelector('textarea').focus();
    return;
  }
  const drawn = needs.includes('signature') && form.querySelector('[data-signature] [data-signed]:not(:disabled)');
  if (drawn) {
    stop(event);
    takeSignature(form, button, drawn);
    return;
  }
  sessionStorage.removeItem(NEXT);
  const current = document.querySelector('[data-open][aria-current]');
  const links = [...document.querySelectorAll('[data-open]')];
  const next = links[links.indexOf(current) + 1] ?? links[links.indexOf(current) - 1];
  if (current && next) sessionStorage.setItem(NEXT, next.dataset.open);
}

function stop(event) {
  event.preventDefault();
  event.stopPropagation();
}

// What was drawn and not yet taken is taken, then the decision is sent.
function takeSignature(form, button, drawn) {
  form.querySelector('[data-signature]').closest('[data-files]').addEventListener('e-files', () => form.requestSubmit(button), {once: true});
  drawn.click();
}

function tell(box, wrong) {
  const error = box?.querySelector('[data-say-error]');
  if (!error) return;
  box.classList.toggle('e-wrong', wrong);
  error.hidden = !wrong;
}
