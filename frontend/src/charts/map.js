// A map of China by province, for values that are provinces or the usual large regions; others are told below it.
import {MapChart} from 'echarts/charts';
import {GeoComponent} from 'echarts/components';
import china from 'china-map';
import {FAINT, INK, isOut, shown, tellMark, text, tip, value} from './base.js';

const NAMES = {
  北京: 'Beijing', 天津: 'Tianjin', 河北: 'Hebei', 山西: 'Shanxi', 内蒙古: 'Inner Mongolia', 辽宁: 'Liaoning', 吉林: 'Jilin', 黑龙江: 'Heilongjiang', 上海: 'Shanghai',
  江苏: 'Jiangsu', 浙江: 'Zhejiang', 安徽: 'Anhui', 福建: 'Fujian', 江西: 'Jiangxi', 山东: 'Shandong', 河南: 'Henan', 湖北: 'Hubei', 湖南: 'Hunan', 广东: 'Guangdong',
  广西: 'Guangxi', 海南: 'Hainan', 重庆: 'Chongqing', 四川: 'Sichuan', 贵州: 'Guizhou', 云南: 'Yunnan', 西藏: 'Tibet', 陕西: 'Shaanxi', 甘肃: 'Gansu', 青海: 'Qinghai',
  宁夏: 'Ningxia', 新疆: 'Xinjiang', 台湾: 'Taiwan', 香港: 'Hong Kong', 澳门: 'Macao',
};
const REGIONS = [
  [['华北', 'north china'], ['北京', '天津', '河北', '山西', '内蒙古']],
  [['东北', 'northeast china'], ['辽宁', '吉林', '黑龙江']],
  [['华东', 'east china'], ['上海', '江苏', '浙江', '安徽', '福建', '江西', '山东']],
  [['华中', 'central china'], ['河南', '湖北', '湖南']],
  [['华南', 'south china'], ['广东', '广西', '海南']],
  [['西南', 'southwest china'], ['重庆', '四川', '贵州', '云南', '西藏']],
  [['西北', 'northwest china'], ['陕西', '甘肃', '青海', '宁夏', '新疆']],
  [['港澳台', 'hong kong, macao and taiwan'], ['香港', '澳门', '台湾']],
];
const ENDINGS = /(壮族自治区|回族自治区|维吾尔自治区|自治区|特别行政区|省|市|地区)$|\s+(province|city|municipality|autonomous region|region)$/i;

// The option of the chart, null when no value has a place on the map; the names of those that have none.
export function chinaMap(echarts, data, words, narrow) {
  const places = data.marks.map((mark) => [mark, mark.others ? [] : provinces(mark)]);
  const off = places.filter(([, found]) => !found.length).map(([mark]) => text(mark, words));
  if (off.length === data.marks.length) return {option: null, off: []};
  echarts.use([MapChart, GeoComponent]);
  if (!echarts.getMap('china')) echarts.registerMap('china', china);
  return {option: option(data, words, narrow, places), off};
}

function provinces(mark) {
  const name = mark.keys[0].text.trim();
  const region = REGIONS.find(([names]) => names.includes(name.toLowerCase()) || names.includes(name.replace(/地区$/, '')));
  if (region) return region[1];
  const plain = name.replace(ENDINGS, '').toLowerCase();
  const found = Object.entries(NAMES).find(([zh, en]) => zh === plain || en.toLowerCase() === plain);
  return found ? [found[0]] : [];
}

function option(data, words, narrow, places) {
  const items = new Map();
  for (const [mark, found] of places) {
    for (const name of found) items.set(name, {name, value: value(mark), mark, itemStyle: {opacity: isOut(data, mark) ? FAINT : 1}});
  }
  const values = [...items.values()].map((each) => each.value || 0);
  const series = data.series[0];
  const called = (name) => (words.speech.startsWith('zh') ? name : NAMES[name] || name);
  return {
    tooltip: tip({formatter: (event) => (event.data?.mark ? tellMark(data, words, text(event.data.mark, words), event.data.mark) : called(event.name))}),
    visualMap: {type: 'continuous', min: Math.min(0, ...values), max: Math.max(1, ...values), left: 4, bottom: 4, itemWidth: 10, itemHeight: narrow ? 60 : 90, calculable: false, text: [shown(series, words, Math.max(0, ...values), true), '0'], inRange: {color: ['#eef1fd', '#b9c5f5', '#7e93ea', '#3451d1', '#2a43b0']}, textStyle: {color: INK.muted, fontSize: 11}},
    series: [{
      type: 'map',
      map: 'china',
      roam: false,
      selectedMode: false,
      layoutCenter: ['52%', '55%'],
      layoutSize: '124%',
      aspectScale: 0.78,
      label: {show: false},
      itemStyle: {areaColor: INK.sunken, borderColor: '#fff', borderWidth: 1},
      emphasis: {label: {show: true, color: INK.strong, fontSize: 11, formatter: (event) => called(event.name)}, itemStyle: {areaColor: '#f59e0b'}},
      data: [...items.values()],
    }],
  };
}
