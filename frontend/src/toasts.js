// Short messages at the lower edge: after a redirect, from htmx answers (event e-toast), from scripts.
import {csrf} from './http.js';
import {say} from './words.js';

const STAYS = {ok: 6000, bad: 10000};

export function toast(text, kind = 'ok', undo = null) {
  const box = document.getElementById('toasts');
  if (!box) return;
  const element = document.createElement('div');
  element.className = `e-toast ${kind}`;
  element.setAttribute('role', kind === 'bad' ? 'alert' : 'status');
  const words = document.createElement('span');
  words.textContent = text;
  element.append(words);
  if (undo) element.append(undoButton(undo, element));
  element.append(closeButton(element));
  box.append(element);
  setTimeout(() => element.remove(), STAYS[kind] ?? STAYS.ok);
}

function undoButton(undo, element) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = say('undo');
  button.addEventListener('click', () => {
    element.remove();
    takeBack(undo);
  });
  return button;
}

function closeButton(element) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = '×';
  button.setAttribute('aria-label', say('close'));
  button.addEventListener('click', () => element.remove());
  return button;
}

async function takeBack({url, values}) {
  const body = new URLSearchParams({...values, csrf: csrf()});
  const answer = await fetch(url, {method: 'POST', body, headers: {'X-CSRF-Token': csrf(), 'HX-Request': 'true'}});
  if (answer.ok) location.reload();
  else toast(say('failed'), 'bad');
}

export function startToasts() {
  document.addEventListener('e-toast', (event) => toast(event.detail.text, event.detail.kind, event.detail.undo));
  document.addEventListener('htmx:responseError', (event) => {
    if (!event.detail.xhr.getResponseHeader('HX-Trigger')?.includes('e-toast')) toast(say('failed'), 'bad');
  });
  document.addEventListener('htmx:sendError', () => toast(say('offline'), 'bad'));
  const note = document.getElementById('page-note');
  if (note) toast(note.dataset.text, note.dataset.kind);
}
