// The few sentences that the browser itself says; the page brings them in the reader's language.
let known;

export function say(id, values = {}) {
  known ??= JSON.parse(document.getElementById('words')?.textContent || '{}');
  let text = known[id] ?? id;
  for (const [name, value] of Object.entries(values)) text = text.replaceAll(`{${name}}`, value);
  return text;
}

export const language = () => document.documentElement.lang.slice(0, 2);
