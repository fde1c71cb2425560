// Reading and writing the inputs of a form, whatever they are made of.

// The box of a field: its wrapper in the form, or its cell in a row.
export function boxOf(form, pointer) {
  const [name, position, column] = pointer.split('/');
  if (column === undefined) return form.querySelector(`[data-field="${name}"]`);
  const row = form.querySelectorAll(`[data-lines="${name}"] [data-rows] > [data-row]`)[Number(position)];
  return row?.querySelector(`[data-cell="${column}"]`) ?? null;
}

export function inputOf(box) {
  return box?.querySelector('select[name], textarea[name], input[name]:not([type="hidden"]), [data-stars] input[name]') ?? null;
}

export function readBox(box) {
  const kind = box.dataset.kind;
  if (kind === 'files') return [...box.querySelectorAll('[data-file] input[type="hidden"]')].map((each) => each.value);
  const input = inputOf(box);
  if (!input) return null;
  if (kind === 'switch') return input.checked ? 'true' : 'false';
  if (input.multiple) return [...input.selectedOptions].map((option) => option.value).filter(Boolean);
  return input.value;
}

// Puts `shown` into an input; `title` names the record of a link.
export function writeBox(box, shown, title = '') {
  const input = inputOf(box);
  if (!input) return;
  if (box.dataset.kind === 'switch') input.checked = shown === 'true' || shown === true;
  else if (input.tomselect) writePicker(input.tomselect, shown, title);
  else input.value = document.activeElement !== input && input.inputMode === 'decimal' ? grouped(shown) : shown ?? '';
  if (box.dataset.kind === 'rating') paintStars(input);
  if (['rich', 'address'].includes(box.dataset.kind)) input.dispatchEvent(new CustomEvent('e-written'));
}

// 128000.00 → 128,000.00; anything else as it is.
export function grouped(text) {
  const match = String(text ?? '').match(/^([+-]?)(\d+)(\.\d+)?$/);
  return match ? match[1] + match[2].replace(/\B(?=(\d{3})+(?!\d))/g, ',') + (match[3] || '') : text ?? '';
}

function writePicker(picker, shown, title) {
  const values = (Array.isArray(shown) ? shown : [shown]).filter(Boolean).map(String);
  for (const value of values) if (!picker.options[value]) picker.addOption({value, text: title || value});
  picker.setValue(picker.input.multiple ? values : values[0] || '', true);
}

export function paintStars(input) {
  for (const star of input.parentElement.querySelectorAll('.e-star')) {
    const value = Number(star.dataset.value);
    star.classList.toggle('on', value <= Number(input.value || 0));
    star.setAttribute('aria-pressed', String(value === Number(input.value)));
  }
}

export function lockBox(box, locked) {
  if (box.classList.contains('e-locked') === locked && box.dataset.lockKnown) return;
  box.dataset.lockKnown = 'yes';
  box.classList.toggle('e-locked', locked);
  for (const input of box.querySelectorAll('input, select, textarea, button')) {
    if (input.closest('.ts-wrapper') && !input.tomselect) continue;
    input.disabled = locked;
    if (input.tomselect) locked ? input.tomselect.disable() : input.tomselect.enable();
  }
}

export function showError(box, sentence) {
  const error = box?.querySelector('[data-error]');
  if (!error) return;
  const input = inputOf(box);
  box.classList.toggle('e-wrong', Boolean(sentence));
  error.hidden = !sentence;
  error.querySelector('span').textContent = sentence || '';
  if (sentence) input?.setAttribute('aria-invalid', 'true');
  else input?.removeAttribute('aria-invalid');
}
