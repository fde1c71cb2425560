// A tree: branches are fetched when they are opened; arrow keys walk as in any tree.
import {fresh} from './fresh.js';
import {toast} from './toasts.js';
import {say} from './words.js';

export function startTrees(root) {
  for (const tree of fresh(root, '[data-tree]')) startTree(tree);
}

function startTree(tree) {
  const first = tree.querySelector('[role="treeitem"]');
  if (first) first.tabIndex = 0;
  tree.addEventListener('click', (event) => {
    const more = event.target.closest('[data-more-twigs]');
    if (more) return fetchMore(more);
    const item = event.target.closest('[role="treeitem"]');
    if (item) settle(tree, item);
    if (item && !event.target.closest('a')) toggle(item);
    return undefined;
  });
  tree.addEventListener('keydown', (event) => {
    const item = event.target.closest('[role="treeitem"]');
    if (!item || event.target !== item || event.altKey || event.ctrlKey || event.metaKey) return;
    const act = keys[event.key];
    if (!act) return;
    event.preventDefault();
    const next = act(tree, item);
    if (next instanceof Element) settle(tree, next).focus();
  });
}

const keys = {
  ArrowDown: (tree, item) => beside(tree, item, 1),
  ArrowUp: (tree, item) => beside(tree, item, -1),
  Home: (tree) => shown(tree)[0],
  End: (tree) => shown(tree).at(-1),
  ArrowRight: (tree, item) => (isOpen(item) ? item.querySelector('[role="treeitem"]') : open(item)),
  ArrowLeft: (tree, item) => (isOpen(item) ? close(item) : item.parentElement.closest('[role="treeitem"]')),
  Enter: (tree, item) => item.querySelector('a').click(),
  ' ': (tree, item) => toggle(item),
};

// Exactly one row can be reached with the tab key.
function settle(tree, item) {
  for (const other of tree.querySelectorAll('[tabindex="0"][role="treeitem"]')) other.tabIndex = -1;
  item.tabIndex = 0;
  return item;
}

function shown(tree) {
  return [...tree.querySelectorAll('[role="treeitem"]')].filter((item) => !item.parentElement.closest('[aria-expanded="false"]'));
}

function beside(tree, item, step) {
  const items = shown(tree);
  return items[items.indexOf(item) + step];
}

function isOpen(item) {
  return item.getAttribute('aria-expanded') === 'true';
}

function toggle(item) {
  return isOpen(item) ? close(item) : open(item);
}

function close(item) {
  item.setAttribute('aria-expanded', 'false');
}

async function open(item) {
  const group = item.querySelector('[role="group"]');
  if (!group) return;
  if (!group.children.length) {
    item.setAttribute('aria-busy', 'true');
    const rows = await fetchRows(item.dataset.branch);
    item.removeAttribute('aria-busy');
    if (rows === null) return;
    if (!group.children.length) group.append(rows);
  }
  item.setAttribute('aria-expanded', 'true');
}

async function fetchMore(button) {
  button.disabled = true;
  const rows = await fetchRows(button.dataset.moreTwigs);
  button.disabled = false;
  if (rows === null) return;
  const first = rows.querySelector('[role="treeitem"]');
  button.parentElement.replaceWith(rows);
  first?.focus();
}

async function fetchRows(url) {
  const answer = await fetch(url, {headers: {'HX-Request': 'true'}}).catch(() => null);
  if (!answer?.ok || answer.redirected) {
    toast(say(answer ? 'failed' : 'offline'), 'bad');
    return null;
  }
  const box = document.createElement('template');
  box.innerHTML = await answer.text();
  return box.content;
}
