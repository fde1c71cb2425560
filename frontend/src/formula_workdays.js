// Work days by the company's calendar {first, last, weekend, off, on}; days it does not know give null. The same
// answers as engine/expressions/workdays.py.

import { dayNumber, fromDayNumber } from "./formula_dates.js";
import { toInteger, whole } from "./formula_numbers.js";

const known = new WeakMap(); // by calendar: its work days as numbers, counted once

function worksOf(calendar) {
  if (!known.has(calendar)) {
    const off = new Set(calendar.off.map(dayNumber));
    const on = new Set(calendar.on.map(dayNumber));
    const weekend = new Set(calendar.weekend);
    const works = [];
    for (let day = dayNumber(calendar.first); day <= dayNumber(calendar.last); day += 1) {
      const weekday = ((((day + 3) % 7) + 7) % 7) + 1;
      if (on.has(day) || (!weekend.has(weekday) && !off.has(day))) works.push(day);
    }
    known.set(calendar, works);
  }
  return known.get(calendar);
}

const knows = (calendar, day) => Boolean(calendar) && day >= calendar.first && day <= calendar.last;

// How many work days there are up to a day, itself included.
function position(works, day) {
  let [low, high] = [0, works.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (works[middle] <= day) low = middle + 1;
    else high = middle;
  }
  return low;
}

export function isWorkDay(calendar, day) {
  if (day === null || !knows(calendar, day)) return false;
  const works = worksOf(calendar);
  return works[position(works, dayNumber(day)) - 1] === dayNumber(day);
}

export function workDay(calendar, start, count) {
  if (!knows(calendar, start)) return null;
  const steps = toInteger(count);
  if (steps === 0) return start;
  const works = worksOf(calendar);
  const begun = steps < 0 && !isWorkDay(calendar, start) ? 1 : 0;
  const found = works[position(works, dayNumber(start)) + steps + begun - 1];
  return found === undefined ? null : fromDayNumber(found);
}

export function workDaysBetween(calendar, start, end) {
  if (!knows(calendar, start) || !knows(calendar, end)) return null;
  if (end < start) return whole(-Number(workDaysBetween(calendar, end, start).m));
  const works = worksOf(calendar);
  const last = position(works, dayNumber(end));
  return whole(last - position(works, dayNumber(start)) + (isWorkDay(calendar, start) ? 1 : 0));
}
