// Columns, lying bars, lines, areas, and several of them with two axes; trend line and moving average.
import {COLORS, FAINT, INK, PAIR, isOut, legend, placed, shown, tellMark, text, tip, value} from './base.js';

const MOST_LABELS = 14;

export function axes(data, words, narrow) {
  const marks = placed(data);
  const lying = data.type === 'bar';
  const names = [...new Map(marks.map((mark) => [keyOf(mark), text(mark, words)])).entries()];
  const split = data.columns.length > 0;
  const series = split ? splitSeries(data, words, marks, names, lying) : data.series.map((each, at) => oneSeries(data, words, marks, at, lying, narrow));
  if (!split) series.push(...extras(data, words, marks));
  const category = categories(names, lying, narrow);
  const numbers = scales(data, words, lying);
  return {
    grid: {left: 4, right: lying ? (split ? 16 : 66) : 8, top: 18, bottom: series.length > 1 ? 36 : 4, containLabel: true},
    legend: series.length > 1 ? legend() : undefined,
    tooltip: tip({trigger: 'item', formatter: teller(data, words, split)}),
    [lying ? 'yAxis' : 'xAxis']: category,
    [lying ? 'xAxis' : 'yAxis']: numbers,
    series,
    lines: lying ? names.length : 0,
  };
}

const keyOf = (mark) => (mark.others ? '\u0000others' : mark.keys[0].value);

function categories(names, lying, narrow) {
  const width = lying ? (narrow ? 84 : 128) : undefined;
  return {
    type: 'category',
    data: names.map(([, name]) => name),
    inverse: lying,
    axisTick: {show: false},
    axisLine: {show: !lying, lineStyle: {color: INK.line}},
    axisLabel: {color: lying ? INK.text : INK.muted, width, overflow: 'truncate', hideOverlap: true, margin: 10},
  };
}

// One axis of numbers on each side that is used.
function scales(data, words, lying) {
  const sides = sidesOf(data);
  return sides.map((side) => {
    const series = data.series.find((each) => each.axis === side);
    const label = (each) => shown(series, words, each, true);
    return {
      type: 'value',
      position: side === 'right' && !lying ? 'right' : undefined,
      splitNumber: 4,
      splitLine: {show: !lying && side === sides[0], lineStyle: {color: INK.line}},
      axisLabel: {show: !lying, color: INK.muted, formatter: label},
    };
  });
}

const sidesOf = (data) => [...new Set(data.series.map((each) => each.axis || 'left'))];

function oneSeries(data, words, marks, at, lying, narrow) {
  const series = data.series[at];
  const shape = data.type === 'combined' ? series.shape || (at ? 'line' : 'column') : {line: 'line', area: 'area'}[data.type] || 'column';
  const side = sidesOf(data).indexOf(series.axis || 'left');
  const column = shape === 'column';
  const picked = Object.keys(data.picked || {}).length > 0;
  return {
    name: series.label,
    type: column ? 'bar' : 'line',
    [lying ? 'xAxisIndex' : 'yAxisIndex']: side,
    z: column ? 2 : 3,
    cursor: 'pointer',
    ...(column ? barLook(lying, data.series.length === 1) : lineLook(shape, COLORS[at % COLORS.length], marks.length, picked)),
    label: labelled(data, words, series, marks, {lying, column, narrow}),
    data: marks.map((mark) => ({value: value(mark, at), name: text(mark, words), mark, itemStyle: {opacity: isOut(data, mark) ? FAINT : 1}, label: isOut(data, mark) ? {opacity: FAINT} : undefined})),
  };
}

const barLook = (lying, alone) => ({
  barMaxWidth: lying ? 14 : 34,
  barCategoryGap: lying ? '40%' : '35%',
  showBackground: lying && alone,
  backgroundStyle: {color: INK.sunken, borderRadius: 7},
  itemStyle: {borderRadius: lying ? 7 : [4, 4, 0, 0]},
});

const lineLook = (shape, color, count, picked) => ({
  smooth: 0.25,
  symbol: 'circle',
  symbolSize: count > 40 ? 4 : 7,
  showSymbol: count <= 60,
  connectNulls: true,
  lineStyle: {width: 2.25, color, opacity: picked ? 0.4 : 1},
  areaStyle: shape === 'area' ? {color, opacity: picked ? 0.05 : 0.12} : undefined,
});

// Numbers stand beside their marks as long as there is room for them.
function labelled(data, words, series, marks, {lying, column, narrow}) {
  const few = marks.length * data.series.length <= (narrow ? 6 : MOST_LABELS);
  if (!lying && !(column && few && data.series.length === 1)) return undefined;
  return {show: true, position: lying ? 'right' : 'top', color: INK.muted, fontSize: 11.5, distance: 5, formatter: (event) => (event.value === null || (!lying && !event.value) ? '' : shown(series, words, event.value, true))};
}

function splitSeries(data, words, marks, names, lying) {
  const parts = new Map(marks.filter((mark) => mark.keys[1]).map((mark) => [mark.keys[1].value, mark.keys[1].text]));
  const known = new Map(marks.map((mark) => [`${keyOf(mark)}\u0000${mark.keys[1]?.value}`, mark]));
  const lined = data.type === 'line' || data.type === 'area';
  const colors = parts.size === 2 && !lined ? PAIR : COLORS;
  const picked = Object.keys(data.picked || {}).length > 0;
  return [...parts.entries()].map(([part, label], at) => ({
    name: label,
    type: lined ? 'line' : 'bar',
    stack: data.stacked && data.type !== 'line' ? 'all' : undefined,
    cursor: 'pointer',
    color: colors[at % colors.length],
    ...(lined ? lineLook(data.type, colors[at % colors.length], names.length, picked) : {barMaxWidth: lying ? 16 : 34, itemStyle: {borderRadius: edge(data, lying, at === parts.size - 1)}}),
    data: names.map(([key, name]) => {
      const mark = known.get(`${key}\u0000${part}`);
      if (!mark) return {value: lined ? 0 : null, name};
      return {value: value(mark), name, mark, itemStyle: {opacity: isOut(data, mark) ? FAINT : 1}};
    }),
  }));
}

function edge(data, lying, last) {
  if (data.stacked && !last) return 0;
  return lying ? [0, 4, 4, 0] : [4, 4, 0, 0];
}

function teller(data, words, split) {
  return (event) => {
    const mark = event.data?.mark;
    if (!mark) return `${event.name}\n${event.seriesName}  ${shown(data.series[0], words, event.value)}`;
    if (!split) return tellMark(data, words, event.name, mark);
    return tellMark(data, words, `${event.name} · ${event.seriesName}`, mark);
  };
}

// --- what is computed from the marks ---------------------------------------------------------------------------------

function extras(data, words, marks) {
  if (data.type === 'bar') return [];
  const values = marks.map((mark) => value(mark));
  const found = [];
  if (data.trend === 'linear') found.push([words.trend, linear(values), '#64748b', [6, 5]]);
  if (data.average) found.push([words.average.replace('{count}', data.average), moving(values, data.average), '#f59e0b', 'solid']);
  return found.map(([name, line, color, type]) => ({name, type: 'line', data: line, symbol: 'none', silent: true, z: 4, color, lineStyle: {color, width: 1.75, type}, tooltip: {show: false}}));
}

// The straight line with the least squares.
export function linear(values) {
  const points = values.map((each, at) => [at, each]).filter(([, each]) => each !== null);
  const count = points.length;
  if (count < 2) return values.map(() => null);
  const sum = (of) => points.reduce((all, point) => all + of(point), 0);
  const [x, y, xy, xx] = [sum(([at]) => at), sum(([, each]) => each), sum(([at, each]) => at * each), sum(([at]) => at * at)];
  const slope = (count * xy - x * y) / (count * xx - x * x);
  const start = (y - slope * x) / count;
  return values.map((_, at) => start + slope * at);
}

export function moving(values, count) {
  return values.map((_, at) => {
    const part = values.slice(Math.max(0, at - count + 1), at + 1);
    if (part.length < count || part.some((each) => each === null)) return null;
    return part.reduce((all, each) => all + each, 0) / count;
  });
}
