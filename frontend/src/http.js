// Requests to our own server: the token goes along, answers are JSON.
export function csrf() {
  return document.querySelector('meta[name="csrf-token"]')?.content || '';
}

export async function getJson(url, signal) {
  const answer = await fetch(url, {headers: {Accept: 'application/json'}, signal});
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

export async function postJson(url, body, signal) {
  const headers = {Accept: 'application/json', 'Content-Type': 'application/json', 'X-CSRF-Token': csrf()};
  const answer = await fetch(url, {method: 'POST', headers, body: JSON.stringify(body), signal});
  return {status: answer.status, body: await answer.json().catch(() => null)};
}

export async function postForm(url, data) {
  const answer = await fetch(url, {method: 'POST', headers: {Accept: 'application/json', 'X-CSRF-Token': csrf()}, body: data});
  return {status: answer.status, body: await answer.json().catch(() => null)};
}
