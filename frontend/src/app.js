// Everything a page needs, started once. Each part finds its own elements and leaves the rest alone.
import htmx from 'htmx.org';
import {enhance} from './enhance.js';
import {startShell} from './shell.js';
import {startToasts} from './toasts.js';

Object.assign(htmx.config, {
  includeIndicatorStyles: false,
  allowEval: false,
  allowScriptTags: false,
  selfRequestsOnly: true,
  historyCacheSize: 0,
  scrollIntoViewOnBoost: false,
  // 422 carries a part of a page with its problems: it is shown like any other answer.
  responseHandling: [
    {code: '204', swap: false},
    {code: '[23]..', swap: true},
    {code: '422', swap: true},
    {code: '[45]..', swap: false, error: true},
  ],
});

startToasts();
startShell();
document.addEventListener('htmx:load', (event) => enhance(event.detail.elt));
enhance(document);
