// The board: cards are dragged, or moved by their menu; a refused move puts the card back and says why.
import Sortable from 'sortablejs';
import {fresh} from './fresh.js';
import {getJson, postForm} from './http.js';
import {toast} from './toasts.js';
import {say} from './words.js';

export function startBoards(root) {
  for (const board of fresh(root, '[data-board]')) startBoard(board);
}

function startBoard(board) {
  for (const cards of board.querySelectorAll('[data-cards]')) {
    Sortable.create(cards, {
      group: 'cards',
      sort: false,
      draggable: '.e-card:not(.e-fixed-card)',
      filter: '.e-card-menu',
      preventOnFilter: false,
      delay: 180,
      delayOnTouchOnly: true,
      animation: 130,
      ghostClass: 'e-ghost',
      dragClass: 'e-dragged',
      forceFallback: true,
      fallbackOnBody: true,
      fallbackTolerance: 4,
      onEnd: (event) => event.from !== event.to && move(board, event.item, event.from, event.to, event.oldIndex),
    });
  }
  board.addEventListener('click', (event) => clickCard(board, event));
}

function clickCard(board, event) {
  const opener = event.target.closest('[data-move-menu]');
  if (opener) return openMenu(board, opener);
  const card = event.target.closest('[data-card]');
  if (card && !event.target.closest('a, button') && !String(getSelection())) location.href = card.dataset.href;
  return undefined;
}

async function move(board, card, from, to, index = 0) {
  const [before, stage] = [from, to].map((cards) => cards.closest('[data-stage]').dataset.stage);
  const data = new FormData();
  data.set('field', board.dataset.field);
  data.set('stage', stage);
  data.set('before', before);
  data.set('version', card.dataset.version);
  card.classList.add('e-moving');
  const {status, body} = await postForm(card.dataset.move, data).catch(() => ({status: 0, body: null}));
  card.classList.remove('e-moving');
  if (status === 202) {
    from.insertBefore(card, from.children[index] || null);
    card.dataset.version = body.version;
    toast(body.text, 'ok');
    return;
  }
  if (status !== 200) {
    from.insertBefore(card, from.children[index] || null);
    toast(status ? why(body) : say('offline'), 'bad');
    if (status === 422) offerRecord(board, card);
    return;
  }
  card.dataset.version = body.version;
  toast(body.text, 'ok', body.undo);
  refreshSums(board);
}

// What is missing is filled in on the record's own page.
function offerRecord(board, card) {
  const link = document.createElement('a');
  link.href = card.dataset.href;
  link.textContent = board.dataset.open;
  document.getElementById('toasts').lastElementChild?.insertBefore(link, document.getElementById('toasts').lastElementChild.lastElementChild);
}

function why(body) {
  return body?.errors?.map((each) => each.message).join(' ') || body?.detail || say('failed');
}

async function refreshSums(board) {
  const url = new URL(board.dataset.sums, location.href);
  for (const [name, value] of new URLSearchParams(location.search)) url.searchParams.set(name, value);
  const sums = await getJson(url);
  for (const lane of board.querySelectorAll('[data-stage]')) {
    const now = sums.lanes[lane.dataset.stage];
    if (!now) continue;
    lane.querySelector('[data-lane-count]').textContent = now.count;
    const total = lane.querySelector('[data-lane-sum]');
    if (total) total.textContent = now.total;
  }
  const total = document.querySelector('[data-board-total]');
  if (total) total.textContent = sums.total;
}

// --- the keyboard's way: the menu of a card -----------------------------------------------------------------------

function openMenu(board, opener) {
  const menu = document.getElementById('move-menu');
  const card = opener.closest('[data-card]');
  const lane = card.closest('[data-stage]');
  for (const item of menu.querySelectorAll('[data-move-to]')) item.disabled = item.dataset.moveTo === lane.dataset.stage;
  menu.hidden = false;
  const box = opener.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(box.left, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(box.bottom + 4, innerHeight - menu.offsetHeight - 8))}px`;
  menu.querySelector('.e-menu-item:not(:disabled)')?.focus();
  const stop = new AbortController();
  const close = () => {
    menu.hidden = true;
    stop.abort();
  };
  menu.addEventListener('click', (event) => {
    const item = event.target.closest('[data-move-to]');
    if (!item) return;
    close();
    moveByMenu(board, card, item.dataset.moveTo);
  }, {signal: stop.signal});
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    close();
    opener.focus();
  }, {signal: stop.signal});
  document.addEventListener('pointerdown', (event) => menu.contains(event.target) || close(), {signal: stop.signal, capture: true});
}

async function moveByMenu(board, card, stage) {
  const from = card.closest('[data-cards]');
  const to = board.querySelector(`[data-stage="${CSS.escape(stage)}"] [data-cards]`);
  const index = [...from.children].indexOf(card);
  to.prepend(card);
  await move(board, card, from, to, index);
  card.querySelector('[data-move-menu]')?.focus();
}
