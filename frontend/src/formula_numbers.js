// Exact decimals {m, s}: value = m / 10^s with m a BigInt. The same answers as engine/expressions/numbers.py.

const DIGITS = "零壹贰叁肆伍陆柒捌玖";
const UNITS = ["", "拾", "佰", "仟"];
const QUOTIENT_PLACES = 12;

export const ten = (n) => 10n ** BigInt(n);
export const whole = (n) => ({ m: BigInt(n), s: 0 });
export const ZERO = whole(0);

export function parseNumber(text) {
  if (text === null || text === undefined || text === "") return null;
  const match = /^([+-]?)([0-9]+)(?:\.([0-9]+))?$/.exec(String(text));
  if (!match) return null;
  const m = BigInt(match[2] + (match[3] ?? ""));
  return { m: match[1] === "-" ? -m : m, s: (match[3] ?? "").length };
}

export function plain({ m, s }) {
  const sign = m < 0n ? "-" : "";
  const digits = abs(m).toString().padStart(s + 1, "0");
  if (!s) return sign + digits;
  const decimals = digits.slice(-s).replace(/0+$/, "");
  const text = digits.slice(0, -s) + (decimals ? `.${decimals}` : "");
  return text === "0" ? "0" : sign + text;
}

const abs = (n) => (n < 0n ? -n : n);
const scaled = (a, s) => a.m * ten(s - a.s);
const both = (a, b) => {
  const s = Math.max(a.s, b.s);
  return [scaled(a, s), scaled(b, s), s];
};

export function compareNumbers(a, b) {
  const [x, y] = both(a, b);
  return x < y ? -1 : x > y ? 1 : 0;
}

export function add(a, b) {
  const [x, y, s] = both(a, b);
  return { m: x + y, s };
}

export const negate = (a) => ({ m: -a.m, s: a.s });
export const subtract = (a, b) => add(a, negate(b));
export const multiply = (a, b) => ({ m: a.m * b.m, s: a.s + b.s });
export const absolute = (a) => ({ m: abs(a.m), s: a.s });
export const sign = (a) => whole(a.m > 0n ? 1 : a.m < 0n ? -1 : 0);

function ratio(over, under) {
  const quotient = (2n * abs(over) * ten(QUOTIENT_PLACES) + abs(under)) / (2n * abs(under));
  return { m: over < 0n === under < 0n ? quotient : -quotient, s: QUOTIENT_PLACES };
}

export function divide(a, b) {
  if (b.m === 0n) return null;
  const [x, y] = both(a, b);
  return ratio(x, y);
}

export function divideOr(a, b, otherwise) {
  if (a === null || b === null) return null;
  return b.m === 0n ? otherwise : divide(a, b);
}

// --- rounding: `mode` decides about the remainder of |m| ------------------------------------------------------

const MODES = new Map([
  ["half", (rest, unit) => 2n * rest >= unit],
  ["up", (rest) => rest > 0n],
  ["down", () => false],
  ["even", (rest, unit, quotient) => 2n * rest > unit || (2n * rest === unit && quotient % 2n === 1n)],
]);

export function round(a, places, mode = "half") {
  if (places >= a.s) return { m: scaled(a, places), s: places };
  const unit = ten(a.s - places);
  const size = abs(a.m);
  let quotient = size / unit;
  if (MODES.get(mode)(size % unit, unit, quotient)) quotient += 1n;
  const m = a.m < 0n ? -quotient : quotient;
  return places >= 0 ? { m, s: places } : { m: m * ten(-places), s: 0 };
}

export function floorDivide(x, y) {
  const quotient = x / y;
  return x % y !== 0n && x < 0n !== y < 0n ? quotient - 1n : quotient;
}

export const floor = (a) => ({ m: floorDivide(a.m, ten(a.s)), s: 0 });

// The whole part downwards as an ordinary number, kept within what positions and day counts can be.
export function toInteger(a) {
  const { m } = floor(a);
  const limit = 10n ** 9n;
  return Number(m > limit ? limit : m < -limit ? -limit : m);
}

export function modulo(a, b) {
  if (b.m === 0n) return null;
  const [x, y, s] = both(a, b);
  return { m: x - floorDivide(x, y) * y, s };
}

export function wholeQuotient(a, b) {
  if (b.m === 0n) return null;
  const [x, y] = both(a, b);
  return { m: x / y, s: 0 };
}

export function toMultiple(a, step, upwards) {
  if (step.m <= 0n) return null;
  const [x, y] = both(a, step);
  const count = floorDivide(x, y) + (upwards && x % y !== 0n ? 1n : 0n);
  return { m: step.m * count, s: step.s };
}

export function power(a, exponent) {
  const n = toInteger(exponent);
  return { m: a.m ** BigInt(n), s: a.s * n };
}

function integerRoot(n) {
  if (n < 2n) return n;
  let x = 1n << BigInt((n.toString(2).length + 1) >> 1);
  for (;;) {
    const y = (x + n / x) >> 1n;
    if (y >= x) return x;
    x = y;
  }
}

export function squareRoot(a) {
  if (a.m < 0n) return null;
  const doubled = integerRoot((4n * a.m * ten(2 * QUOTIENT_PLACES)) / ten(a.s));
  return { m: (doubled + 1n) / 2n, s: QUOTIENT_PLACES };
}

const smaller = (a, b) => (compareNumbers(a, b) <= 0 ? a : b);
const larger = (a, b) => (compareNumbers(a, b) >= 0 ? a : b);
export const clamp = (a, low, high) => smaller(larger(a, low), high);

export function tier(a, ...bands) {
  if (a === null) return null;
  let found = null;
  for (let i = 0; i < bands.length; i += 2) {
    if (bands[i] === null || compareNumbers(a, bands[i]) < 0) break;
    found = bands[i + 1];
  }
  return found;
}

export function tierSum(a, ...bands) {
  let total = ZERO;
  for (let i = 0; i < bands.length; i += 2) {
    if (compareNumbers(a, bands[i]) <= 0) continue;
    const stop = i + 2 < bands.length ? smaller(a, bands[i + 2]) : a;
    total = add(total, multiply(subtract(stop, bands[i]), bands[i + 1]));
  }
  return total;
}

const present = (values) => values.filter((value) => value !== null);
export const total = (values) => present(values).reduce(add, ZERO);

export function average(values) {
  const known = present(values);
  return known.length ? divide(total(known), whole(known.length)) : null;
}

export function median(values) {
  const known = present(values).sort(compareNumbers);
  if (!known.length) return null;
  const middle = known.length >> 1;
  const two = known.length % 2 === 0;
  return two ? divide(add(known[middle - 1], known[middle]), whole(2)) : divide(known[middle], whole(1));
}

// --- 人民币大写 -------------------------------------------------------------------------------------------------

export function capitalMoney(a) {
  const fen = round(absolute(a), 2).m;
  if (fen >= 10n ** 18n) return null;
  const yuan = fen / 100n;
  return (a.m < 0n && fen ? "负" : "") + capitalYuan(yuan) + capitalCents(Number(fen % 100n), yuan);
}

function capitalYuan(yuan) {
  let text = "";
  let gap = false;
  for (let place = 15; place >= 0; place -= 1) {
    const digit = Number((yuan / ten(place)) % 10n);
    if (digit) text += (gap && text ? "零" : "") + DIGITS[digit] + UNITS[place % 4];
    gap = !digit;
    if ((place === 12 || place === 4) && (yuan / ten(place)) % 10000n) text += "万";
    if (place === 8 && yuan >= ten(8)) text += "亿";
  }
  return yuan ? `${text}元` : "";
}

function capitalCents(cents, yuan) {
  if (!cents) return yuan ? "整" : "零元整";
  const jiao = Math.floor(cents / 10);
  const fen = cents % 10;
  const text = jiao ? `${DIGITS[jiao]}角` : yuan ? "零" : "";
  return text + (fen ? `${DIGITS[fen]}分` : "整");
}
