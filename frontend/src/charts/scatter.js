// Points by two numbers, the third one as their size; colours by the dimension across.
import {COLORS, FAINT, INK, isOut, legend, shown, text, tip, value} from './base.js';

const MOST_NAMES = 24;

export function scatter(data, words, narrow) {
  const split = data.columns.length > 0;
  const groups = new Map();
  for (const mark of data.marks.filter((each) => !each.others && value(each, 0) !== null && value(each, 1) !== null)) {
    const key = split ? mark.keys[1].text : '';
    groups.set(key, [...(groups.get(key) || []), mark]);
  }
  const largest = Math.max(1, ...data.marks.map((mark) => Math.abs(value(mark, 2) || 0)));
  const size = (mark) => (data.series.length > 2 ? 8 + 30 * Math.sqrt(Math.abs(value(mark, 2) || 0) / largest) : 12);
  const named = !narrow && data.marks.length <= MOST_NAMES;
  const axis = (series, where) => ({type: 'value', scale: true, boundaryGap: ['8%', '8%'], name: series.label, nameLocation: 'middle', nameGap: where === 'x' ? 26 : 52, nameTextStyle: {color: INK.muted}, splitNumber: 4, splitLine: {lineStyle: {color: INK.line}}, axisLine: {show: false}, axisLabel: {color: INK.muted, formatter: (each) => shown(series, words, each, true)}});
  return {
    grid: {left: 26, right: 24, top: 16, bottom: split ? 60 : 30, containLabel: true},
    legend: split ? legend() : undefined,
    tooltip: tip({formatter: (event) => [event.data.mark.keys.map((key) => key.text).join(' · '), ...data.series.map((series, at) => `${series.label}  ${shown(series, words, event.data.mark.values[at])}`)].join('\n')}),
    xAxis: axis(data.series[0], 'x'),
    yAxis: axis(data.series[1], 'y'),
    series: [...groups.entries()].map(([name, marks], at) => ({
      name,
      type: 'scatter',
      cursor: 'pointer',
      color: COLORS[at % COLORS.length],
      label: {show: named, position: 'top', color: INK.muted, fontSize: 11, formatter: (event) => text(event.data.mark, words)},
      labelLayout: {hideOverlap: true},
      data: marks.map((mark) => ({value: [value(mark, 0), value(mark, 1)], symbolSize: size(mark), name: text(mark, words), mark, itemStyle: {opacity: isOut(data, mark) ? FAINT : 0.78}})),
    })),
  };
}
