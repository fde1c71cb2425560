// What all charts have in common: colours, numbers in the reader's language, tooltips, what is picked.
export const COLORS = ['#3451d1', '#12a594', '#f59e0b', '#e5484d', '#8e4ec6', '#0091ff', '#64748b', '#d6409f'];
export const PAIR = ['#3451d1', '#b9c5f5'];
export const INK = {text: '#344054', strong: '#101828', muted: '#566072', line: '#e4e7ec', sunken: '#f2f4f7'};
export const FAINT = 0.22;

const font = () => getComputedStyle(document.body).fontFamily;
const calm = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

export const usual = () => ({
  color: COLORS,
  textStyle: {fontFamily: font(), color: INK.text, fontSize: 12},
  aria: {enabled: true},
  animation: !calm(),
  animationDuration: 350,
  animationDurationUpdate: 350,
  tooltip: tip(),
});

// HTML tooltips would need styles that our rule for styles forbids.
export const tip = (more = {}) => ({renderMode: 'richText', confine: true, backgroundColor: INK.strong, borderWidth: 0, padding: [8, 12], textStyle: {color: '#fff', fontSize: 12, lineHeight: 18}, ...more});

export const legend = (more = {}) => ({bottom: 0, left: 'center', icon: 'roundRect', itemWidth: 10, itemHeight: 10, itemGap: 18, type: 'scroll', textStyle: {color: INK.muted}, ...more});

// --- numbers ---------------------------------------------------------------------------------------------------------

export function shown(series, words, value, compact = false) {
  if (value === null || value === undefined) return '–';
  const number = Number(value);
  if (series.format === 'percent') return format(words, {style: 'percent', maximumFractionDigits: compact ? 1 : series.decimals ?? 1}, number);
  const options = compact ? {notation: 'compact', maximumFractionDigits: 1} : {minimumFractionDigits: series.decimals ?? 0, maximumFractionDigits: series.decimals ?? (Math.abs(number) >= 10000 ? 0 : 2)};
  const text = format(words, options, number);
  if (series.format === 'money') return `${words.sign}${text}`;
  return series.unit && !compact ? `${text} ${series.unit}` : text;
}

const format = (words, options, number) => new Intl.NumberFormat(words.speech, options).format(number);

export const share = (words, part, whole) => (whole ? format(words, {style: 'percent', maximumFractionDigits: 1}, part / whole) : '–');

// --- marks -----------------------------------------------------------------------------------------------------------

export const value = (mark, at = 0) => (mark.values[at] === null || mark.values[at] === undefined ? null : Number(mark.values[at]));
export const text = (mark, words, at = 0) => (mark.others ? words.others.replace('{count}', mark.others) : mark.keys[at].text);

// Whether something else than this mark is picked in the widget.
export function isOut(data, mark) {
  const picked = data.picked || {};
  if (mark.others) return Object.keys(picked).length > 0;
  return [...data.rows, ...data.columns].some((dimension, at) => picked[dimension.name] && !picked[dimension.name].includes(mark.keys[at].value));
}

export const tellMark = (data, words, name, mark) => [name, ...data.series.map((series, at) => `${series.label}  ${shown(series, words, mark.values[at])}`)].join('\n');

// Along a time, records without a date are no place on the axis when they add nothing.
export function placed(data) {
  if (!data.rows[0]?.bucket) return data.marks;
  return data.marks.filter((mark) => mark.others || mark.keys[0].value !== '' || mark.values.some((each) => Number(each)));
}
