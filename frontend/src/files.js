// Files are sent as soon as they are chosen or dropped; the form then carries their ids.
import {fresh} from './fresh.js';
import {postForm} from './http.js';
import {toast} from './toasts.js';
import {say} from './words.js';

const LARGEST = 25 * 1024 * 1024;

export function startFiles(root) {
  for (const box of fresh(root, '[data-files]')) startBox(box);
  for (const form of fresh(root, '[data-attach]')) startAttach(form);
}

function startBox(box) {
  const many = box.hasAttribute('data-many');
  const input = box.querySelector('input[type="file"]');
  box.addEventListener('click', (event) => {
    const button = event.target.closest('[data-remove-file]');
    if (!button) return;
    button.closest('[data-file]').remove();
    box.dispatchEvent(new CustomEvent('e-files', {bubbles: true}));
  });
  if (!input) return; // what is drawn on a pad is not chosen from a folder
  watch(box.querySelector('.e-drop'), input, async (files) => {
    for (const file of many ? files : files.slice(0, 1)) {
      const info = await send(box.dataset.files, file);
      if (info) addFile(box, info, many);
    }
  });
}

export function addFile(box, info, many) {
  const list = box.querySelector('.e-file-list');
  if (!many) list.replaceChildren();
  list.append(fileElement(box.dataset.name, info));
  box.dispatchEvent(new CustomEvent('e-files', {bubbles: true}));
}

function fileElement(name, info) {
  const ending = info.name.includes('.') ? info.name.split('.').pop().toLowerCase() : '';
  const element = part('div', 'e-file', '');
  element.dataset.file = '';
  const hidden = document.createElement('input');
  Object.assign(hidden, {type: 'hidden', name, value: String(info.id)});
  const kind = info.thumbnail ? picture(info.thumbnail) : part('span', `e-file-kind ${ending.replace(/[^a-z0-9]/g, '')}`, ending.toUpperCase().slice(0, 4) || '–');
  const text = part('span', 'e-file-name', '');
  text.append(part('b', '', info.name), part('small', '', size(info.size)));
  const remove = part('button', 'e-icon-btn small', '×');
  remove.type = 'button';
  remove.dataset.removeFile = '';
  remove.setAttribute('aria-label', `${say('remove')}: ${info.name}`);
  element.append(hidden, kind, text, remove);
  return element;
}

function picture(address) {
  const image = document.createElement('img');
  Object.assign(image, {className: 'e-file-picture', src: address, alt: '', width: 36, height: 36});
  return image;
}

function part(tag, cls, text) {
  const element = document.createElement(tag);
  element.className = cls;
  element.textContent = text;
  return element;
}

const size = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

function startAttach(form) {
  const input = form.querySelector('input[type="file"]');
  watch(form.querySelector('.e-drop'), input, async ([file]) => {
    const info = await send(form.dataset.attach, file);
    if (!info) return;
    const hidden = document.createElement('input');
    Object.assign(hidden, {type: 'hidden', name: 'file', value: String(info.id)});
    form.append(hidden);
    form.requestSubmit();
  });
}

function watch(drop, input, take) {
  const taken = async (files) => {
    if (!files.length) return;
    drop.classList.add('busy');
    await take(files).finally(() => drop.classList.remove('busy'));
    input.value = '';
  };
  input.addEventListener('change', () => taken([...input.files]));
  for (const kind of ['dragenter', 'dragover']) drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add('over'); });
  for (const kind of ['dragleave', 'drop']) drop.addEventListener(kind, () => drop.classList.remove('over'));
  drop.addEventListener('drop', (event) => { event.preventDefault(); taken([...event.dataTransfer.files]); });
}

export async function send(url, file) {
  if (file.size > LARGEST) {
    toast(say('too_large', {name: file.name}), 'bad');
    return null;
  }
  const data = new FormData();
  data.append('file', file);
  const {status, body} = await postForm(url, data).catch(() => ({status: 0, body: null}));
  if (status === 200) return body;
  toast(body?.errors?.[0]?.message || say('failed'), 'bad');
  return null;
}
