// Texts by code points, empty is null. The same answers as engine/expressions/texts.py.

import { plain, round, toInteger, whole } from "./formula_numbers.js";

const SPACES = /^[ \u00a0\u3000\t\r\n]+|[ \u00a0\u3000\t\r\n]+$/g;
const DATE_PARTS = /YYYY|MM|DD|HH|mm|ss|[年月日时分秒\-/:. ]/g;

const points = (text) => Array.from(text);
export const filled = (text) => (text ? text : null);
const MOST_JOINED = 10000;

export function compareTexts(a, b) {
  const x = points(a);
  const y = points(b);
  const shared = Math.min(x.length, y.length);
  for (let i = 0; i < shared; i += 1) {
    if (x[i] !== y[i]) return x[i].codePointAt(0) - y[i].codePointAt(0);
  }
  return x.length - y.length;
}

export const concat = (...parts) => filled(parts.map((part) => part ?? "").join(""));
// None when it is longer than a field can hold.
export function joined(parts, separator) {
  const all = parts.join(separator);
  return points(all).length <= MOST_JOINED ? filled(all) : null;
}

export const length = (text) => whole(text ? points(text).length : 0);
export const left = (text, count) => filled(points(text).slice(0, Math.max(0, toInteger(count))).join(""));

export function right(text, count) {
  const size = toInteger(count);
  return size > 0 ? filled(points(text).slice(-size).join("")) : null;
}

export function middle(text, start, count) {
  const first = toInteger(start);
  const size = toInteger(count);
  return first >= 1 && size >= 1 ? filled(points(text).slice(first - 1, first - 1 + size).join("")) : null;
}

export function find(needle, hay) {
  if (!needle || !hay) return whole(0);
  const at = hay.indexOf(needle);
  return whole(at < 0 ? 0 : points(hay.slice(0, at)).length + 1);
}

export function replace(text, start, count, added) {
  const first = toInteger(start);
  const size = toInteger(count);
  if (first < 1 || size < 0) return null;
  const all = points(text);
  return filled(all.slice(0, first - 1).join("") + (added ?? "") + all.slice(first - 1 + size).join(""));
}

export function substitute(text, old, added) {
  if (!text || !old) return text;
  return filled(text.split(old).join(added ?? ""));
}

export const upper = (text) => text.replace(/[a-z]/g, (char) => char.toUpperCase());
export const lower = (text) => text.replace(/[A-Z]/g, (char) => char.toLowerCase());
export const trimSpaces = (text) => text.replace(SPACES, "");
export const trim = (text) => filled(trimSpaces(text));
export const startsWith = (text, part) => Boolean(text && part && text.startsWith(part));
export const endsWith = (text, part) => Boolean(text && part && text.endsWith(part));
export const contains = (text, part) => Boolean(text && part && text.includes(part));
export const repeat = (text, count) => filled(text.repeat(toInteger(count)));
export const padLeft = (text, size, char) =>
  points(char)[0].repeat(Math.max(0, toInteger(size) - points(text).length)) + text;

export function toNumberText(text) {
  const trimmed = trimSpaces(text);
  return /^[+-]?[0-9]{1,18}(\.[0-9]{1,12})?$/.test(trimmed) ? trimmed : null;
}

export function mask(text, first, last) {
  const all = points(text);
  const head = Math.max(0, toInteger(first));
  const tail = Math.max(0, toInteger(last));
  const hidden = all.length - head - tail;
  if (hidden <= 0) return "*".repeat(all.length);
  return all.slice(0, head).join("") + "*".repeat(hidden) + all.slice(all.length - tail).join("");
}

export function splitPart(text, separator, number) {
  const index = toInteger(number);
  const parts = text.split(separator);
  return index >= 1 && index <= parts.length ? filled(parts[index - 1]) : null;
}

export function formatNumber(number, shape) {
  const match = /^(#,##)?0(\.0{1,12})?(%)?$/.exec(shape);
  if (!match) return null;
  const places = match[2] ? match[2].length - 1 : 0;
  const rounded = round(match[3] ? { m: number.m * 100n, s: number.s } : number, places);
  const size = plain({ m: rounded.m < 0n ? -rounded.m : rounded.m, s: rounded.s });
  const [head, tail = ""] = size.split(".");
  const grouped = match[1] ? head.replace(/\B(?=(\d{3})+$)/g, ",") : head;
  return (rounded.m < 0n ? "-" : "") + grouped + (places ? `.${tail.padEnd(places, "0")}` : "") + (match[3] ?? "");
}

const two = (number) => String(number).padStart(2, "0");

export function formatDay(parts, shape) {
  const words = new Map([
    ["YYYY", String(parts.year).padStart(4, "0")],
    ["MM", two(parts.month)],
    ["DD", two(parts.day)],
    ["HH", two(parts.hour ?? 0)],
    ["mm", two(parts.minute ?? 0)],
    ["ss", two(parts.second ?? 0)],
  ]);
  return (shape.match(DATE_PARTS) ?? []).map((part) => words.get(part) ?? part).join("");
}
