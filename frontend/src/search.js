// Ctrl K: a dialog that finds everything; arrows choose, Enter opens.
import {fresh} from './fresh.js';

export function startSearch(root) {
  for (const dialog of fresh(root, '#search-dialog')) startDialog(dialog);
}

function startDialog(dialog) {
  const input = dialog.querySelector('[data-search-input]');
  const open = (event) => {
    event?.preventDefault();
    if (dialog.open) return;
    dialog.showModal();
    input.select();
  };
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.stopImmediatePropagation();
      open(event);
    }
  }, true);
  const field = document.querySelector('[data-search]');
  field?.addEventListener('focus', () => {
    field.blur();
    open();
  });
  document.querySelector('[data-search-link]')?.addEventListener('click', open);
  dialog.addEventListener('keydown', (event) => step(event, dialog, input));
  input.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.isComposing) return;
    event.preventDefault();
    (dialog.querySelector('[data-hit].e-chosen') || dialog.querySelector('[data-hit]'))?.click();
  });
}

function step(event, dialog, input) {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  event.preventDefault();
  event.stopPropagation();
  const hits = [...dialog.querySelectorAll('[data-hit]')];
  if (!hits.length) return;
  const now = hits.findIndex((hit) => hit.classList.contains('e-chosen'));
  const next = (now + (event.key === 'ArrowDown' ? 1 : -1) + hits.length) % hits.length;
  hits[now]?.classList.remove('e-chosen');
  hits[next].classList.add('e-chosen');
  hits[next].scrollIntoView({block: 'nearest'});
  input.setAttribute('aria-activedescendant', (hits[next].id ||= `hit-${next}`));
}
