// What a text in an input means (wire form), and how a wire value reads in an input or as text.
import {multiply, parseNumber, plain} from '../formula_numbers.js';
import {dateTime, toInstant} from '../formula_dates.js';
import {whole} from '../formula_numbers.js';

const NUMBERS = new Set(['number', 'money', 'percent', 'integer', 'rating']);
const LINKS = new Set(['link', 'user', 'department']);
const MANY = new Set(['choices', 'links', 'users', 'departments']);
const FILES = new Set(['file', 'image', 'signature']);
const HUNDREDTH = {m: 1n, s: 2};

export const isNumber = (type) => NUMBERS.has(type);

// `typed` is a text, or an array for inputs that take several; the answer is null when it is empty or means nothing.
export function toWire(field, typed, zone) {
  if (field.type === 'boolean') return typed === 'true' || typed === true;
  if (Array.isArray(typed)) return manyToWire(field, typed);
  const text = (typed ?? '').trim();
  if (!text) return null;
  if (NUMBERS.has(field.type)) return numberToWire(field, text);
  if (LINKS.has(field.type)) return /^\d+$/.test(text) ? Number(text) : null;
  if (field.type === 'month') return `${text}-01`;
  if (field.type === 'datetime') return instant(text, zone);
  if (field.type === 'duration') return seconds(text);
  return text;
}

function manyToWire(field, typed) {
  const filled = typed.filter(Boolean);
  if (MANY.has(field.type)) return field.type === 'choices' ? filled : filled.map(Number);
  if (FILES.has(field.type)) return field.many ? filled.map(Number) : Number(filled[0]) || null;
  return filled;
}

export function compactNumber(text) {
  return text.normalize('NFKC').replace(/[,\s]/g, '').replace(/^[¥$€£]/, '').replace(/%$/, '');
}

function numberToWire(field, text) {
  const number = parseNumber(compactNumber(text));
  if (number === null) return null;
  return plain(field.type === 'percent' ? multiply(number, HUNDREDTH) : number);
}

function instant(text, zone) {
  const match = text.match(/^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})/);
  return match ? toInstant(dateTime(zone, match[1], whole(match[2]), whole(match[3]), whole(0))) : null;
}

function seconds(text) {
  const match = text.normalize('NFKC').match(/^(\d+)(?::([0-5]?\d))?$/);
  return match ? Number(match[1]) * 3600 + Number(match[2] || 0) * 60 : null;
}

// Thousands in groups unless the field says otherwise, the field's decimals kept: what a computed number shows.
export function numberText(field, wire) {
  if (wire === null || wire === undefined) return '';
  if (field.type === 'percent') return `${trimZeros(plain(multiply(parseNumber(wire), {m: 100n, s: 0})))}%`;
  const [integer, decimals] = wire.split('.');
  const sign = integer.startsWith('-') ? '-' : '';
  const digits = integer.replace('-', '');
  const grouped = field.grouped === false ? digits : digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  const kept = field.places ? `.${(decimals || '').padEnd(field.places, '0').slice(0, field.places)}` : '';
  return sign + grouped + kept;
}

function trimZeros(text) {
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
}
