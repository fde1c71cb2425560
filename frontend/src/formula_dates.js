// Dates are ISO texts, instants whole seconds since 1970. The same answers as engine/expressions/dates.py.

import { divide, toInteger, whole } from "./formula_numbers.js";

const DAY = 86_400;
const two = (number) => String(number).padStart(2, "0");
const iso = (year, month, day) => `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
const lastDay = (year, month) => new Date(Date.UTC(year, month, 0)).getUTCDate();

export function split(day) {
  const [year, month, date] = day.split("-").map(Number);
  return { year, month, day: date };
}

export const dayNumber = (day) => {
  const { year, month, day: date } = split(day);
  return Date.UTC(year, month - 1, date) / 1000 / DAY;
};

export function fromDayNumber(days) {
  const date = new Date(days * DAY * 1000);
  const year = date.getUTCFullYear();
  return year >= 1900 && year <= 9999 ? iso(year, date.getUTCMonth() + 1, date.getUTCDate()) : null;
}

export function makeDate(year, month, day) {
  const fits = year >= 1900 && year <= 9999 && month >= 1 && month <= 12 && day >= 1 && day <= lastDay(year, month);
  return fits ? iso(year, month, day) : null;
}

export const dateOf = (year, month, day) => makeDate(toInteger(year), toInteger(month), toInteger(day));

export function dateValue(text) {
  const match = /^([0-9]{4})-([0-9]{2})-([0-9]{2})$/.exec(text.trim());
  return match ? makeDate(Number(match[1]), Number(match[2]), Number(match[3])) : null;
}

export const year = (day) => whole(split(day).year);
export const month = (day) => whole(split(day).month);
export const dayOfMonth = (day) => whole(split(day).day);
export const quarter = (day) => whole(Math.floor((split(day).month + 2) / 3));

const isoWeekday = (day) => ((((dayNumber(day) + 3) % 7) + 7) % 7) + 1;
export const weekday = (day) => whole(isoWeekday(day));

export function isoWeek(day) {
  const thursday = dayNumber(day) + 4 - isoWeekday(day);
  const start = Date.UTC(new Date(thursday * DAY * 1000).getUTCFullYear(), 0, 1) / 1000 / DAY;
  return whole(Math.floor((thursday - start) / 7) + 1);
}

export const addDays = (day, count) => fromDayNumber(dayNumber(day) + toInteger(count));
export const subtractDays = (day, count) => fromDayNumber(dayNumber(day) - toInteger(count));
export const daysBetween = (end, start) => whole(dayNumber(end) - dayNumber(start));

function moveMonths(day, count) {
  const parts = split(day);
  const months = parts.year * 12 + parts.month - 1 + count;
  const moved = Math.floor(months / 12);
  if (moved < 1900 || moved > 9999) return null;
  const to = months - moved * 12 + 1;
  return iso(moved, to, Math.min(parts.day, lastDay(moved, to)));
}

export const addMonths = (day, count) => moveMonths(day, toInteger(count));

export function monthEnd(day, count) {
  const moved = addMonths(day, count);
  if (moved === null) return null;
  const parts = split(moved);
  return iso(parts.year, parts.month, lastDay(parts.year, parts.month));
}

export const monthStart = (day) => `${day.slice(0, 8)}01`;

export function quarterStart(day) {
  const parts = split(day);
  return iso(parts.year, parts.month - ((parts.month - 1) % 3), 1);
}

export const quarterEnd = (day) => monthEnd(quarterStart(day), whole(2));
export const yearStart = (day) => `${day.slice(0, 4)}-01-01`;
export const yearEnd = (day) => `${day.slice(0, 4)}-12-31`;
export const weekStart = (day) => fromDayNumber(dayNumber(day) + 1 - isoWeekday(day));

export function dateDifference(start, end, unit) {
  if (unit === "D") return daysBetween(end, start);
  if (end < start) {
    const { m, s } = dateDifference(end, start, unit);
    return { m: -m, s };
  }
  const [a, b] = [split(start), split(end)];
  const months = (b.year - a.year) * 12 + b.month - a.month - (b.day < a.day ? 1 : 0);
  return whole(unit === "M" ? months : Math.floor(months / 12));
}

export function days360(start, end) {
  const [a, b] = [split(start), split(end)];
  const endsFebruary = (parts) => parts.month === 2 && parts.day === lastDay(parts.year, 2);
  let [first, last] = [a.day, b.day];
  if (endsFebruary(a)) {
    if (endsFebruary(b)) last = 30;
    first = 30;
  }
  if (last === 31 && first >= 30) last = 30;
  return whole((b.year - a.year) * 360 + (b.month - a.month) * 30 + last - Math.min(first, 30));
}

// --- instants in the company's zone -----------------------------------------------------------------------------

export function toSeconds(value) {
  if (value === null || value === undefined || value === "") return null;
  if (typeof value === "number") return value;
  const milliseconds = Date.parse(value);
  return Number.isNaN(milliseconds) ? null : Math.floor(milliseconds / 1000);
}

export const toInstant = (seconds) => `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`;

const formats = new Map(); // by zone: making one costs more than using it

function formatOf(zone) {
  if (!formats.has(zone)) {
    formats.set(zone, new Intl.DateTimeFormat("en-US", {
      timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric",
      hour: "numeric", minute: "numeric", second: "numeric",
    }));
  }
  return formats.get(zone);
}

export function local(zone, seconds) {
  const parts = new Map(formatOf(zone).formatToParts(new Date(seconds * 1000)).map(({ type, value }) => [type, Number(value)]));
  return {
    year: parts.get("year"), month: parts.get("month"), day: parts.get("day"),
    hour: parts.get("hour"), minute: parts.get("minute"), second: parts.get("second"),
  };
}

const wall = (at) => Date.UTC(at.year, at.month - 1, at.day, at.hour, at.minute, at.second) / 1000;
const offset = (zone, seconds) => wall(local(zone, seconds)) - seconds;

// So far from both ends of what dates can be that every instant has a day in every zone.
const FIRST_INSTANT = Date.UTC(1900, 0, 2) / 1000;
const LAST_INSTANT = Date.UTC(9999, 11, 30, 23, 59, 59) / 1000;
const inTime = (seconds) => (seconds >= FIRST_INSTANT && seconds <= LAST_INSTANT ? seconds : null);

// A skipped hour counts as the later one, a doubled one as the earlier.
function instant(zone, at) {
  const seconds = wall(at);
  const before = offset(zone, seconds - DAY);
  const after = offset(zone, seconds + DAY);
  const early = seconds - before;
  if (before === after || offset(zone, early) === before) return early;
  return offset(zone, seconds - after) === after ? seconds - after : early;
}

export function toDate(zone, seconds) {
  const at = local(zone, seconds);
  return iso(at.year, at.month, at.day);
}

export function dateTime(zone, day, hour, minute, second) {
  const clock = { hour: toInteger(hour), minute: toInteger(minute), second: toInteger(second) };
  const fits = clock.hour >= 0 && clock.hour <= 23 && clock.minute >= 0 && clock.minute <= 59 &&
    clock.second >= 0 && clock.second <= 59;
  return fits ? inTime(instant(zone, { ...split(day), ...clock })) : null;
}

export const addSeconds = (start, seconds) => inTime(start + seconds);

function moveDay(day, count, unit) {
  if (unit === "D" || unit === "W") return fromDayNumber(dayNumber(day) + count * (unit === "W" ? 7 : 1));
  return unit === "M" || unit === "Y" ? moveMonths(day, count * (unit === "Y" ? 12 : 1)) : null;
}

export function dateAdd(zone, start, count, unit) {
  const amount = toInteger(count);
  if (typeof start === "string") return moveDay(start, amount, unit);
  if (unit === "h" || unit === "m") return addSeconds(start, amount * (unit === "h" ? 3600 : 60));
  const at = local(zone, start);
  const moved = moveDay(iso(at.year, at.month, at.day), amount, unit);
  return moved === null ? null : inTime(instant(zone, { ...at, ...split(moved) }));
}

export const hours = (seconds) => divide(whole(seconds), whole(3600));
export const minutes = (seconds) => divide(whole(seconds), whole(60));
