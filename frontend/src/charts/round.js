// Pies and donuts: shares of a whole, the total in the middle.
import {FAINT, INK, isOut, legend, share, shown, text, tip, value} from './base.js';

export function round(data, words, narrow) {
  const series = data.series[0];
  const whole = data.marks.reduce((all, mark) => all + (value(mark) || 0), 0);
  const hole = data.type === 'donut';
  const names = new Map(data.marks.map((mark) => [text(mark, words), mark]));
  const center = narrow ? ['50%', '38%'] : ['33%', '50%'];
  const told = (event) => `${event.name}\n${series.label}  ${shown(series, words, event.data.mark.values[0])}\n${share(words, event.value, whole)}`;
  const side = {orient: 'vertical', left: '64%', right: 0, bottom: 'auto', top: 'middle', icon: 'circle', itemWidth: 8, itemGap: 11};
  return {
    tooltip: tip({formatter: told}),
    legend: legend({
      ...(narrow ? {icon: 'circle', itemWidth: 8, type: 'plain', itemGap: 12} : side),
      formatter: (name) => (narrow ? name : `{name|${clip(name, 16)}} {share|${share(words, value(names.get(name)) || 0, whole)}}`),
      textStyle: {color: INK.text, fontSize: 12.5, rich: {name: {color: INK.text, fontSize: 12.5}, share: {color: INK.muted, fontSize: 12}}},
    }),
    series: [{
      type: 'pie',
      radius: hole ? (narrow ? ['46%', '68%'] : ['56%', '82%']) : [0, narrow ? '68%' : '82%'],
      center,
      cursor: 'pointer',
      label: hole ? {show: true, position: 'center', formatter: `{total|${shown(series, words, whole, true)}}\n{name|${words.total}}`, rich: {total: {fontSize: 19, fontWeight: 650, color: INK.strong, lineHeight: 26}, name: {fontSize: 12, color: INK.muted}}} : {show: false},
      labelLine: {show: false},
      emphasis: {scaleSize: 4, label: hole ? {show: true} : {show: false}},
      itemStyle: {borderColor: '#fff', borderWidth: 2, borderRadius: 3},
      data: data.marks.map((mark) => ({value: value(mark), name: text(mark, words), mark, itemStyle: {opacity: isOut(data, mark) ? FAINT : 1}})),
    }],
  };
}

const clip = (name, most) => (name.length > most ? `${name.slice(0, most - 1)}…` : name);
