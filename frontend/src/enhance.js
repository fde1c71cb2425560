// Turns marked elements into live ones, on the whole page and in every part that htmx brings.
// A part is a function of the root to look below; it takes its elements with fresh(root, selector).
import {startPickers} from './picker.js';

const parts = [startPickers];

export function enhance(root) {
  for (const start of parts) start(root);
}
