// What a widget gives away: its drawing as a picture; and the board on paper.
import {fresh} from './fresh.js';

const SCALE = 2;

export function startNumbers(root) {
  for (const button of fresh(root, '[data-picture]')) offer(button);
  for (const button of fresh(root, '[data-print]')) button.addEventListener('click', () => window.print());
}

// Only drawings become pictures; a widget of plain numbers has none to offer. It may be drawn after the menu is there.
function offer(button) {
  const drawing = () => drawingOf(button.closest('[data-widget]'));
  button.closest('.e-menu-box')?.querySelector('[data-menu]')?.addEventListener('click', () => { button.hidden = !drawing(); });
  button.addEventListener('click', () => save(drawing(), button.dataset.picture));
}

const drawingOf = (widget) => [...(widget?.querySelectorAll('svg') || [])].find((each) => !each.closest('.e-menu-box, header, button, a') && each.getBoundingClientRect().width > 80);

async function save(drawing, name) {
  if (!drawing) return;
  const box = drawing.getBoundingClientRect();
  const copy = drawing.cloneNode(true);
  inline(drawing, copy);
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', box.width);
  copy.setAttribute('height', box.height);
  const picture = new Image();
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await picture.decode();
  const canvas = document.createElement('canvas');
  canvas.width = box.width * SCALE;
  canvas.height = (box.height + 36) * SCALE;
  const pen = canvas.getContext('2d');
  pen.scale(SCALE, SCALE);
  pen.fillStyle = '#fff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = '#101828';
  pen.font = `600 15px ${getComputedStyle(document.body).fontFamily}`;
  pen.fillText(name, 10, 23, box.width - 20);
  pen.drawImage(picture, 0, 36, box.width, box.height);
  download(canvas.toDataURL('image/png'), `${name}.png`);
}

// A picture knows no style sheet: what one gives is written onto the shapes.
const STYLED = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-opacity', 'opacity', 'font-family', 'font-size', 'font-weight', 'text-anchor', 'dominant-baseline'];

function inline(from, to) {
  const style = getComputedStyle(from);
  for (const name of STYLED) to.setAttribute(name, style.getPropertyValue(name));
  to.removeAttribute('class');
  [...from.children].forEach((child, at) => inline(child, to.children[at]));
}

function download(address, name) {
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
}
