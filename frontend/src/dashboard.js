// A board: its widgets ask for their numbers, two at a time and those in sight first; a click on a mark filters the rest.
import {fresh} from './fresh.js';
import {enhance} from './enhance.js';

const AT_ONCE = 2;

export function startDashboards(root) {
  for (const board of fresh(root, '[data-dash]')) load(board);
  for (const form of fresh(root, '[data-dash-filters]')) form.addEventListener('change', () => form.requestSubmit());
}

function load(board) {
  const waiting = [...board.querySelectorAll('[data-widget-body]')];
  const next = async () => {
    const body = waiting.shift();
    if (!body) return;
    await fetchWidget(board, body);
    await next();
  };
  for (let at = 0; at < AT_ONCE; at += 1) next();
}

async function fetchWidget(board, body) {
  const widget = body.closest('[data-widget]');
  try {
    const answer = await fetch(body.dataset.src, {headers: {'HX-Request': 'true'}, credentials: 'same-origin'});
    if (!answer.ok) throw new Error(String(answer.status));
    body.innerHTML = await answer.text();
    enhance(body);
    const chart = body.querySelector('[data-chart]');
    if (chart) await draw(board, widget, chart);
  } catch {
    widget.dataset.failed = '';
  } finally {
    widget.removeAttribute('aria-busy');
  }
}

async function draw(board, widget, element) {
  const {drawChart} = await import('./charts.js');
  drawChart(element, JSON.parse(element.dataset.chart), board.dataset, (key, dimension) => pick(widget, dimension, key));
}

// The address carries what is picked; the same mark again takes it out.
function pick(widget, dimension, key) {
  const address = new URL(location.href);
  const word = [widget.dataset.widget, dimension.name, key.value].join('~');
  const picked = address.searchParams.getAll('pick');
  address.searchParams.delete('pick');
  const kept = picked.includes(word) ? picked.filter((each) => each !== word) : [...picked, word];
  for (const each of kept) address.searchParams.append('pick', each);
  location.href = address.href;
}
