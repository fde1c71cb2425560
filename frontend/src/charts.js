// The charts of a board that the browser draws, by ECharts, from a widget's numbers.
import * as echarts from 'echarts/core';
import {BarChart, LineChart, PieChart, ScatterChart} from 'echarts/charts';
import {AriaComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent} from 'echarts/components';
import {SVGRenderer} from 'echarts/renderers';
import {axes} from './charts/axes.js';
import {usual} from './charts/base.js';
import {round} from './charts/round.js';
import {scatter} from './charts/scatter.js';

echarts.use([BarChart, LineChart, PieChart, ScatterChart, AriaComponent, GridComponent, LegendComponent, TooltipComponent, VisualMapComponent, SVGRenderer]);

const MAKERS = {bar: axes, column: axes, line: axes, area: axes, combined: axes, pie: round, donut: round, scatter};

// The chart in `element`, with new numbers when there is one already; `onPick` gets [[dimension, value] …] of a mark.
export async function drawChart(element, data, words, onPick) {
  const narrow = element.clientWidth < (data.type === 'pie' || data.type === 'donut' ? 560 : 420); // a round one needs room for its legend beside it
  const option = data.type === 'map' ? await mapped(element, data, words, narrow) : MAKERS[data.type](data, words, narrow);
  const lines = option.lines;
  delete option.lines;
  element.classList.toggle('tall', Boolean(lines && lines > 8));
  let chart = echarts.getInstanceByDom(element);
  if (!chart) {
    chart = echarts.init(element, null, {renderer: 'svg'});
    new ResizeObserver(() => chart.resize()).observe(element);
  }
  chart.resize();
  chart.setOption({...usual(), ...option}, true);
  chart.off('click');
  chart.on('click', (event) => {
    const mark = event.data?.mark;
    if (!mark || mark.others) return;
    const dimensions = [...data.rows, ...data.columns];
    onPick(mark.keys.map((key, at) => [dimensions[at].name, key.value]), event.event.event);
  });
  return chart;
}

// For whoever wants the picture of a chart.
export const chartOf = (element) => echarts.getInstanceByDom(element);

async function mapped(element, data, words, narrow) {
  const {chinaMap} = await import('./charts/map.js');
  const found = chinaMap(echarts, data, words, narrow);
  note(element, found.off.length ? words.off_map.replace('{names}', found.off.join('、')) : '');
  if (found.option) return found.option;
  note(element, words.nothing_on_map);
  return axes({...data, type: 'bar'}, words, narrow);
}

function note(element, text) {
  const known = element.parentElement.querySelector('[data-map-note]');
  known?.remove();
  if (!text) return;
  const line = document.createElement('p');
  line.className = 'e-widget-foot';
  line.dataset.mapNote = '';
  line.textContent = text;
  element.after(line);
}
