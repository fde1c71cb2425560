// The charts of a board, drawn by ECharts from a widget's numbers.
import * as echarts from 'echarts/core';
import {BarChart, FunnelChart, GaugeChart, HeatmapChart, LineChart, PieChart, ScatterChart} from 'echarts/charts';
import {AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent} from 'echarts/components';
import {SVGRenderer} from 'echarts/renderers';

echarts.use([BarChart, FunnelChart, GaugeChart, HeatmapChart, LineChart, PieChart, ScatterChart, AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent, VisualMapComponent, SVGRenderer]);

const COLORS = ['#3451d1', '#12a594', '#f59e0b', '#e5484d', '#8e4ec6', '#0091ff', '#64748b', '#d6409f'];
const INK = {text: '#344054', muted: '#566072', line: '#e4e7ec'};

export function drawChart(element, data, words, onPick) {
  const make = MAKERS[data.type] || bars;
  const chart = echarts.init(element, null, {renderer: 'svg'});
  chart.setOption({...usual(), ...make(data, words)});
  chart.on('click', (event) => {
    const mark = event.data?.mark;
    if (mark && !mark.others && data.rows[0]) onPick(mark.keys[0], data.rows[0]);
  });
  new ResizeObserver(() => chart.resize()).observe(element);
  return chart;
}

const usual = () => ({
  color: COLORS,
  textStyle: {fontFamily: 'inherit', color: INK.text},
  aria: {enabled: true},
  animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
  tooltip: {renderMode: 'richText', backgroundColor: '#101828', borderWidth: 0, textStyle: {color: '#fff', fontSize: 12}},
});

// --- numbers ---------------------------------------------------------------------------------------------------------

function shown(series, words, value, compact = false) {
  if (value === null || value === undefined) return '–';
  const number = Number(value);
  const format = {maximumFractionDigits: series.decimals ?? (compact ? 1 : 2)};
  if (series.format === 'percent') return new Intl.NumberFormat(words.speech, {style: 'percent', maximumFractionDigits: series.decimals ?? 1}).format(number);
  if (compact) format.notation = 'compact';
  const text = new Intl.NumberFormat(words.speech, format).format(number);
  if (series.format === 'money') return `${words.sign}${text}`;
  return series.unit ? `${text} ${series.unit}` : text;
}

const value = (mark, at = 0) => (mark.values[at] === null ? null : Number(mark.values[at]));
const text = (mark, words, at = 0) => (mark.others ? words.others.replace('{count}', mark.others) : mark.keys[at].text);
const tooltip = (data, words) => (event) => `${event.name}\n${data.series.map((series, at) => `${series.label}  ${shown(series, words, event.data.mark.values[at])}`).join('\n')}`;

// --- charts ----------------------------------------------------------------------------------------------------------

function bars(data, words) {
  const lying = data.type === 'bar' || data.type === 'ranking';
  const split = data.columns.length > 0;
  const names = [...new Set(data.marks.map((mark) => text(mark, words)))];
  const axes = [...new Set(data.series.map((series) => series.axis))];
  const category = {type: 'category', data: names, inverse: lying, axisTick: {show: false}, axisLine: {show: !lying, lineStyle: {color: INK.line}}, axisLabel: {color: INK.muted, width: lying ? 110 : undefined, overflow: 'truncate'}};
  const numbers = axes.map((axis) => {
    const series = data.series.find((each) => each.axis === axis);
    return {type: 'value', position: axis === 'right' ? 'right' : undefined, splitNumber: 4, splitLine: {show: !lying && axis === 'left', lineStyle: {color: INK.line}}, axisLabel: {show: !lying, color: INK.muted, formatter: (each) => shown(series, words, each, true)}};
  });
  const series = split ? splitSeries(data, words, names) : data.series.map((each, at) => oneSeries(data, words, each, at, axes, lying));
  return {
    grid: {left: 4, right: lying ? 64 : 8, top: 12, bottom: series.length > 1 ? 34 : 4, containLabel: true},
    legend: series.length > 1 ? {bottom: 0, icon: 'roundRect', itemWidth: 10, itemHeight: 10, textStyle: {color: INK.muted}, type: 'scroll'} : undefined,
    tooltip: {...usual().tooltip, formatter: split ? undefined : tooltip(data, words)},
    [lying ? 'yAxis' : 'xAxis']: category,
    [lying ? 'xAxis' : 'yAxis']: numbers.length > 1 ? numbers : numbers[0],
    series,
  };
}

function oneSeries(data, words, series, at, axes, lying) {
  const shape = series.shape || {line: 'line', area: 'area'}[data.type] || 'column';
  return {
    name: series.label,
    type: shape === 'column' ? 'bar' : 'line',
    areaStyle: shape === 'area' ? {opacity: 0.12} : undefined,
    smooth: shape !== 'column',
    symbolSize: 7,
    barMaxWidth: lying ? 14 : 34,
    itemStyle: {borderRadius: lying ? 7 : [4, 4, 0, 0]},
    [lying ? 'xAxisIndex' : 'yAxisIndex']: axes.indexOf(series.axis),
    label: lying ? {show: true, position: 'right', color: INK.muted, formatter: (event) => shown(series, words, event.value, true)} : undefined,
    data: data.marks.map((mark) => ({value: value(mark, at), name: text(mark, words), mark})),
  };
}

function splitSeries(data, words, names) {
  const parts = [...new Set(data.marks.map((mark) => mark.keys[1].text))];
  const stack = data.type === 'line' ? undefined : 'all';
  return parts.map((part) => ({
    name: part,
    type: data.type === 'line' || data.type === 'area' ? 'line' : 'bar',
    areaStyle: data.type === 'area' ? {opacity: 0.2} : undefined,
    stack,
    barMaxWidth: 34,
    data: names.map((name) => {
      const mark = data.marks.find((each) => each.keys[0].text === name && each.keys[1].text === part);
      return mark ? {value: value(mark), name, mark} : {value: 0, name};
    }),
  }));
}

function pie(data, words) {
  return {
    tooltip: {...usual().tooltip, formatter: tooltip(data, words)},
    legend: {orient: 'vertical', right: 0, top: 'middle', icon: 'circle', itemWidth: 8, type: 'scroll', textStyle: {color: INK.text}},
    series: [{type: 'pie', radius: data.type === 'donut' ? ['48%', '74%'] : [0, '74%'], center: ['34%', '50%'], label: {show: false}, itemStyle: {borderColor: '#fff', borderWidth: 2}, data: data.marks.map((mark) => ({value: value(mark), name: text(mark, words), mark}))}],
  };
}

function funnel(data, words) {
  const first = Number(data.marks[0]?.values[0] || 0);
  const label = (event) => {
    const numbers = event.data.mark.values.map((each, at) => shown(data.series[at], words, each, true)).join(' · ');
    return `{name|${event.name}}  ${numbers}`;
  };
  return {
    tooltip: {...usual().tooltip, formatter: tooltip(data, words)},
    series: [{type: 'funnel', sort: 'none', left: 8, width: '48%', top: 4, bottom: 4, gap: 3, minSize: '12%', min: 0, max: first, label: {position: 'right', color: INK.muted, formatter: label, rich: {name: {fontWeight: 600, color: INK.text}}}, labelLine: {show: false}, data: data.marks.map((mark) => ({value: value(mark), name: text(mark, words), mark}))}],
  };
}

function spark(data, words) {
  return {
    grid: {left: 0, right: 0, top: 4, bottom: 0},
    xAxis: {type: 'category', show: false, boundaryGap: false, data: data.marks.map((mark) => text(mark, words))},
    yAxis: {type: 'value', show: false, scale: true},
    tooltip: {...usual().tooltip, formatter: tooltip(data, words)},
    series: [{type: 'line', smooth: true, showSymbol: false, areaStyle: {opacity: 0.08}, data: data.marks.map((mark) => ({value: value(mark), name: text(mark, words), mark}))}],
  };
}

function gauge(data, words) {
  const share = Number(data.target) ? Number(data.totals[0]) / Number(data.target) : 0;
  return {series: [{type: 'gauge', startAngle: 200, endAngle: -20, radius: '100%', center: ['50%', '68%'], min: 0, max: 1, progress: {show: true, width: 14, roundCap: true}, axisLine: {lineStyle: {width: 14, color: [[1, INK.line]]}, roundCap: true}, pointer: {show: false}, axisTick: {show: false}, splitLine: {show: false}, axisLabel: {show: false}, detail: {formatter: new Intl.NumberFormat(words.speech, {style: 'percent', maximumFractionDigits: 1}).format(share), offsetCenter: [0, '-10%'], fontSize: 20, color: INK.text}, data: [{value: Math.min(1, share)}]}]};
}

const MAKERS = {bar: bars, column: bars, line: bars, area: bars, combined: bars, ranking: bars, pie, donut: pie, funnel, number: spark, gauge, progress: gauge};
