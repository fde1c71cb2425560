// The value of an expression in the browser: an interpreter of the tree that the server checked, [op, type kind,
// places, value, depth, arguments]. No text is ever run as code. What it shows is a preview; the server's value wins.
//
//   evaluate(node, values, moment)
//     values   value(path) gives wire form (numbers as texts, dates ISO, ids), rows(source) an array of such values.
//              For expressions asked of a row: {row, record}, both of that kind; known(name) for what the server told.
//     moment   {now: "…Z", zone: "Asia/Shanghai", me, meValues, isNew, asked, settings,
//              calendar: {first, last, weekend, off, on}}
//   The answer is in wire form again.

import * as dates from "./formula_dates.js";
import * as numbers from "./formula_numbers.js";
import * as texts from "./formula_texts.js";
import * as workdays from "./formula_workdays.js";

const { whole, ZERO } = numbers;
const LISTS = new Set(["choices", "people", "departments", "links", "files"]);

export function evaluate(node, values, moment) {
  const records = values.record && values.row ? [values.row, values.record] : [values];
  return toWire(compute(node, { records, moment }), node[1]);
}

// A number in wire form rounded half away from zero: what a field with `places` decimals would hold.
export function roundTo(wire, places) {
  const number = numbers.parseNumber(wire);
  if (number === null) return null;
  const { m, s } = numbers.round(number, places);
  const digits = (m < 0n ? -m : m).toString().padStart(s + 1, "0");
  return (m < 0n ? "-" : "") + (s ? `${digits.slice(0, -s)}.${digits.slice(-s)}` : digits);
}

function compute(node, around) {
  const [op, , , value, , args] = node;
  if (op === "literal") return fromWire(value, node[1]);
  if (LEAVES.has(op)) return LEAVES.get(op)(node, around);
  if (op === "aggregate") return aggregate(node, around);
  if (op === "IF") return compute(args[compute(args[0], around) ? 1 : 2], around);
  if (op === "AND") return args.every((arg) => compute(arg, around));
  if (op === "OR") return args.some((arg) => compute(arg, around));
  const found = args.map((arg) => compute(arg, around));
  if (TOTAL.has(op)) return TOTAL.get(op)(found, node, around);
  if (!STRICT.has(op)) throw new Error(`unknown operation ${op}`);
  return found.includes(null) ? null : STRICT.get(op)(...found, node, around);
}

// --- leaves -------------------------------------------------------------------------------------------------------

const LEAVES = new Map([
  ["field", (node, around) => fromWire(around.records[node[4]].value(node[3]), node[1])],
  ["known", (node, around) => fromWire(around.records[0].known(node[3]), node[1])],
  ["me", ({ 1: kind, 3: path }, { moment }) =>
    path && path.length ? fromWire(moment.meValues?.value(path), kind) : (moment.me ?? null)],
  ["settings", (node, { moment }) => fromWire(moment.settings?.value(node[3]), node[1])],
  ["asked", (node, { moment }) => fromWire(ownValue(moment.asked, node[3]), node[1])],
  ["today", (_, { moment }) => dates.toDate(moment.zone, dates.toSeconds(moment.now))],
  ["now", (_, { moment }) => dates.toSeconds(moment.now)],
  ["is_new", (_, { moment }) => Boolean(moment.isNew)],
]);

const ownValue = (map, name) => (map && Object.hasOwn(map, name) ? map[name] : null);

function fromWire(value, kind) {
  if (kind === "boolean") return value === true;
  if (value === null || value === undefined || value === "") return LISTS.has(kind) ? [] : null;
  if (kind === "number") return typeof value === "object" ? value : numbers.parseNumber(value);
  if (kind === "datetime") return dates.toSeconds(value);
  if (kind === "duration") return Number(value);
  if (Array.isArray(value)) return value.map(idOf);
  return idOf(value);
}

const idOf = (value) => (value !== null && typeof value === "object" && "id" in value ? value.id : value);

function toWire(value, kind) {
  if (value === null || value === undefined) return kind === "boolean" ? false : null;
  if (kind === "number") return numbers.plain(value);
  return kind === "datetime" ? dates.toInstant(value) : value;
}

// --- comparisons --------------------------------------------------------------------------------------------------

function compare(a, b) {
  if (typeof a === "object") return numbers.compareNumbers(a, b);
  return typeof a === "string" ? texts.compareTexts(a, b) : a - b;
}

function equal(a, b) {
  if (a === null || b === null) return a === b;
  if (Array.isArray(a)) return JSON.stringify(a) === JSON.stringify(b);
  return typeof a === "object" ? numbers.compareNumbers(a, b) === 0 : a === b;
}

const ordered = (test) => ([a, b]) => a !== null && b !== null && test(compare(a, b));
const isEmpty = (value) => value === null || (Array.isArray(value) && !value.length);
const holds = (values, wanted) => (values ?? []).some((each) => equal(each, wanted));
const wantedOf = (wanted) => wanted.flat();

function best(values, better) {
  const known = values.filter((value) => value !== null);
  return known.length ? known.reduce((one, other) => (better(compare(other, one)) ? other : one)) : null;
}

const least = (values) => best(values, (order) => order < 0);
const greatest = (values) => best(values, (order) => order > 0);
const count = (values) => whole(values.filter((value) => !isEmpty(value)).length);

function pick(found, matches) {
  for (let i = 0; i + 1 < found.length; i += 2) if (matches(found[i])) return found[i + 1];
  return found.length % 2 ? found[found.length - 1] : null;
}

function text([value, shape = null], node, { moment }) {
  if (value === null) return null;
  if (typeof value === "boolean") return value ? "是" : "否";
  if (typeof value === "object") return shape ? texts.formatNumber(value, shape) : numbers.plain(value);
  const kind = node[5][0][1];
  if (kind === "datetime") return texts.formatDay(dates.local(moment.zone, value), shape ?? "YYYY-MM-DD HH:mm:ss");
  return kind === "date" && shape ? texts.formatDay(dates.split(value), shape) : String(value);
}

// Operations that receive nulls: (values, node, surroundings).
const TOTAL = new Map([
  ["=", ([a, b]) => equal(a, b)],
  ["<>", ([a, b]) => !equal(a, b)],
  ["<", ordered((order) => order < 0)],
  ["<=", ordered((order) => order <= 0)],
  [">", ordered((order) => order > 0)],
  [">=", ordered((order) => order >= 0)],
  ["IN", ([value, ...options]) => options.some((option) => equal(value, option))],
  ["NOT", ([condition]) => !condition],
  ["XOR", ([a, b]) => Boolean(a) !== Boolean(b)],
  ["IFS", (found) => pick(found, Boolean)],
  ["SWITCH", ([value, ...rest]) => pick(rest, (key) => equal(value, key))],
  ["COALESCE", (found) => found.find((value) => value !== null) ?? null],
  ["ISEMPTY", ([value]) => isEmpty(value)],
  ["N0", ([number]) => number ?? ZERO],
  ["DIVIDE", (found) => numbers.divideOr(...found)],
  ["TIER", (found) => numbers.tier(...found)],
  ["SUM", numbers.total],
  ["AVG", numbers.average],
  ["MEDIAN", numbers.median],
  ["COUNT", count],
  ["MIN", least],
  ["MAX", greatest],
  ["CONCAT", (found) => texts.concat(...found)],
  ["LEN", ([value]) => texts.length(value)],
  ["FIND", ([needle, hay]) => texts.find(needle, hay)],
  ["REPLACE", ([value, ...rest]) => (value === null || rest[0] === null || rest[1] === null ? null : texts.replace(value, ...rest))],
  ["SUBSTITUTE", (found) => texts.substitute(...found)],
  ["STARTSWITH", ([value, part]) => texts.startsWith(value, part)],
  ["ENDSWITH", ([value, part]) => texts.endsWith(value, part)],
  ["CONTAINS", ([value, part]) => texts.contains(value, part)],
  ["TEXT", text],
  ["ISWORKDAY", ([day], _, { moment }) => workdays.isWorkDay(moment.calendar, day)],
  ["HAS", ([values, wanted]) => wanted !== null && holds(values, wanted)],
  ["HASANY", ([values, ...wanted]) => wantedOf(wanted).some((each) => each !== null && holds(values, each))],
  ["HASALL", ([values, ...wanted]) => wantedOf(wanted).every((each) => each === null || holds(values, each))],
  ["COUNTOF", ([values]) => whole((values ?? []).length)],
]);

const roundBy = (mode) => (number, places) => numbers.round(number, numbers.toInteger(places), mode);
const zoned = (name) => (...args) => dates[name](args.at(-1).moment.zone, ...args.slice(0, -2));
const planned = (name) => (...args) => workdays[name](args.at(-1).moment.calendar, ...args.slice(0, -2));
const clock = (part) => (...args) => whole(dates.local(args.at(-1).moment.zone, args[0])[part]);

// Operations that are null as soon as an argument is: (...values, node, surroundings).
const STRICT = new Map([
  ["+", numbers.add],
  ["-", numbers.subtract],
  ["*", numbers.multiply],
  ["/", numbers.divide],
  ["NEGATE", numbers.negate],
  ["ADDDAYS", dates.addDays],
  ["SUBTRACTDAYS", dates.subtractDays],
  ["ADDSECONDS", dates.addSeconds],
  ["SUBTRACTSECONDS", (start, seconds) => dates.addSeconds(start, -seconds)],
  ["SECONDSBETWEEN", (end, start) => end - start],
  ["PLUSSECONDS", (a, b) => a + b],
  ["MINUSSECONDS", (a, b) => a - b],
  ["ROUND", roundBy("half")],
  ["ROUNDUP", roundBy("up")],
  ["ROUNDDOWN", roundBy("down")],
  ["ROUNDEVEN", roundBy("even")],
  ["INT", numbers.floor],
  ["CEILING", (number, step) => numbers.toMultiple(number, step, true)],
  ["FLOOR", (number, step) => numbers.toMultiple(number, step, false)],
  ["MOD", numbers.modulo],
  ["QUOTIENT", numbers.wholeQuotient],
  ["ABS", numbers.absolute],
  ["SIGN", numbers.sign],
  ["POWER", numbers.power],
  ["SQRT", numbers.squareRoot],
  ["CLAMP", numbers.clamp],
  ["TIERSUM", (...args) => numbers.tierSum(...args.slice(0, -2))],
  ["RMBCAP", numbers.capitalMoney],
  ["LEFT", texts.left],
  ["RIGHT", texts.right],
  ["MID", texts.middle],
  ["UPPER", texts.upper],
  ["LOWER", texts.lower],
  ["TRIM", texts.trim],
  ["REPT", texts.repeat],
  ["LPAD", texts.padLeft],
  ["VALUE", (value) => numbers.parseNumber(texts.toNumberText(value))],
  ["MASK", texts.mask],
  ["SPLITPART", texts.splitPart],
  ["DATE", dates.dateOf],
  ["DATEVALUE", dates.dateValue],
  ["TODATE", zoned("toDate")],
  ["DATETIME", zoned("dateTime")],
  ["YEAR", dates.year],
  ["MONTH", dates.month],
  ["DAY", dates.dayOfMonth],
  ["QUARTER", dates.quarter],
  ["HOUR", clock("hour")],
  ["MINUTE", clock("minute")],
  ["SECOND", clock("second")],
  ["WEEKDAY", dates.weekday],
  ["ISOWEEKNUM", dates.isoWeek],
  ["EDATE", dates.addMonths],
  ["EOMONTH", dates.monthEnd],
  ["MONTHSTART", dates.monthStart],
  ["QUARTERSTART", dates.quarterStart],
  ["QUARTEREND", dates.quarterEnd],
  ["YEARSTART", dates.yearStart],
  ["YEAREND", dates.yearEnd],
  ["WEEKSTART", dates.weekStart],
  ["DAYS", dates.daysBetween],
  ["DATEDIF", dates.dateDifference],
  ["DATEADD", zoned("dateAdd")],
  ["WORKDAY", planned("workDay")],
  ["NETWORKDAYS", planned("workDaysBetween")],
  ["HOURS", dates.hours],
  ["MINUTES", dates.minutes],
  ["DAYS360", dates.days360],
]);

// --- rows ---------------------------------------------------------------------------------------------------------

function aggregate(node, around) {
  const [source, where, operand, further] = node[5];
  const rows = around.records[source[4]].rows(source[3]) ?? [];
  const inner = rows.map((row) => ({ records: [row, ...around.records], moment: around.moment }));
  const kept = inner.filter((row) => compute(where, row));
  const everyRow = node[3] === "COUNT" && operand[0] === "literal";
  const column = kept.map((row) => (everyRow ? true : compute(operand, row)));
  const keys = PER_ROW.has(node[3]) && further ? kept.map((row) => compute(further, row)) : null;
  const extra = !PER_ROW.has(node[3]) && further ? compute(further, around) : null;
  return AGGREGATES.get(node[3])(column, keys ?? extra);
}

const PER_ROW = new Set(["FIRST", "LAST"]);

const AGGREGATES = new Map([
  ["SUM", numbers.total],
  ["AVG", numbers.average],
  ["MEDIAN", numbers.median],
  ["MIN", least],
  ["MAX", greatest],
  ["COUNT", count],
  ["COUNTDISTINCT", (values) => whole(distinct(values).length)],
  ["ANY", (values) => values.some(Boolean)],
  ["ALL", (values) => values.every(Boolean)],
  ["JOIN", (values, separator) => texts.joined(values.filter((value) => value !== null), separator ?? "")],
  ["FIRST", (values, keys) => byKey(values, keys, 0)],
  ["LAST", (values, keys) => byKey(values, keys, -1)],
  ["RANK", (values, number) =>
    number === null ? null : whole(1 + values.filter((value) => value !== null && compare(value, number) > 0).length)],
]);

function distinct(values) {
  const found = [];
  for (const value of values) if (value !== null && !found.some((each) => equal(each, value))) found.push(value);
  return found;
}

function byKey(values, keys, which) {
  if (keys === null) return values.length ? values.at(which) : null;
  const rows = values.map((value, i) => ({ value, key: keys[i] })).filter((row) => row.key !== null);
  rows.sort((one, other) => compare(one.key, other.key));
  return rows.length ? rows.at(which).value : null;
}
