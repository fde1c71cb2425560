// Formatted text: an editable area over a textarea, which holds the HTML that is sent. The server cleans it again.
import {fresh} from './fresh.js';

const TAGS = new Set('P BR STRONG B EM I U S H2 H3 H4 UL OL LI A BLOCKQUOTE CODE PRE'.split(' '));
const SCHEMES = /^(https?:|mailto:|tel:)/i;

export function startEditors(root) {
  for (const box of fresh(root, '[data-rich]')) startEditor(box);
}

function startEditor(box) {
  const source = box.querySelector('textarea');
  const area = document.createElement('div');
  area.className = 'form-control e-rich e-editor-area';
  area.contentEditable = String(!source.disabled);
  area.setAttribute('role', 'textbox');
  area.setAttribute('aria-multiline', 'true');
  const label = document.getElementById(`${source.id}-label`);
  if (label) area.setAttribute('aria-labelledby', label.id);
  else area.setAttribute('aria-label', source.getAttribute('aria-label') || '');
  area.setAttribute('aria-describedby', source.getAttribute('aria-describedby') || '');
  const show = () => area.replaceChildren(cleaned(source.value));
  const take = () => {
    source.value = area.textContent.trim() ? area.innerHTML : '';
    source.dispatchEvent(new Event('input', {bubbles: true}));
  };
  show();
  source.hidden = true;
  source.after(area);
  box.classList.add('ready');
  area.addEventListener('input', (event) => { event.stopPropagation(); take(); });
  area.addEventListener('blur', () => source.dispatchEvent(new Event('change', {bubbles: true})));
  area.addEventListener('paste', (event) => paste(event));
  area.addEventListener('focus', () => document.execCommand('defaultParagraphSeparator', false, 'p'));
  source.addEventListener('e-written', () => document.activeElement !== area && show());
  label?.addEventListener('click', () => area.focus());
  new MutationObserver(() => { area.contentEditable = String(!source.disabled); }).observe(source, {attributeFilter: ['disabled']});
  box.querySelector('[data-tools]').addEventListener('pointerdown', (event) => event.preventDefault()); // keeps what is selected
  box.querySelector('[data-tools]').addEventListener('click', (event) => act(event, area, take));
}

function act(event, area, take) {
  const button = event.target.closest('[data-do]');
  if (!button) return;
  area.focus();
  document.execCommand('styleWithCSS', false, 'false');
  const command = button.dataset.do;
  if (command === 'link') link(button);
  else if (command === 'heading') document.execCommand('formatBlock', false, inside(area, 'H3') ? 'p' : 'h3');
  else document.execCommand(command);
  take();
}

function inside(area, tag) {
  let node = getSelection().anchorNode;
  while (node && node !== area) {
    if (node.nodeName === tag) return true;
    node = node.parentNode;
  }
  return false;
}

// The address is the selected text when it looks like one; otherwise it is asked for.
function link(button) {
  const chosen = String(getSelection()).trim();
  const address = /^(https?:\/\/|www\.)\S+$/i.test(chosen) ? chosen : prompt(button.dataset.ask, 'https://');
  if (!address) return;
  const full = SCHEMES.test(address) ? address : `https://${address}`;
  if (chosen) document.execCommand('createLink', false, full);
  else document.execCommand('insertHTML', false, anchor(full).outerHTML);
}

function anchor(address) {
  const made = document.createElement('a');
  made.href = address;
  made.textContent = address;
  return made;
}

function paste(event) {
  const html = event.clipboardData.getData('text/html');
  if (!html) return;
  event.preventDefault();
  const holder = document.createElement('div');
  holder.append(cleaned(html));
  document.execCommand('insertHTML', false, holder.innerHTML);
}

// The allowed part of some HTML, built anew: nothing that came in is put into the page as it was.
function cleaned(html) {
  const parsed = new DOMParser().parseFromString(html, 'text/html');
  const made = document.createDocumentFragment();
  copy(parsed.body, made);
  return made;
}

function copy(from, to) {
  for (const node of from.childNodes) {
    if (node.nodeType === Node.TEXT_NODE) to.append(node.textContent);
    else if (node.nodeType !== Node.ELEMENT_NODE || /^(SCRIPT|STYLE|TITLE|HEAD)$/.test(node.nodeName)) continue;
    else if (!TAGS.has(node.nodeName)) copy(node, to);
    else {
      const element = document.createElement(node.nodeName);
      const address = node.getAttribute('href') || '';
      if (node.nodeName === 'A' && SCHEMES.test(address)) element.setAttribute('href', address);
      copy(node, element);
      to.append(element);
    }
  }
}
