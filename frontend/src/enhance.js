// Turns marked elements into live ones, on the whole page and in every part that htmx brings.
// A part is a function of the root to look below; it takes its elements with fresh(root, selector).
import {startAddresses} from './address.js';
import {startBoards} from './board.js';
import {startDashboards} from './dashboard.js';
import {startExplaining} from './explain.js';
import {startFiles} from './files.js';
import {startForms} from './form/form.js';
import {startInbox} from './inbox.js';
import {startLists} from './list.js';
import {startNumbers} from './numbers.js';
import {startPickers} from './picker.js';
import {startRecord} from './record.js';
import {startEditors} from './rich.js';
import {startSearch} from './search.js';
import {startSignatures} from './signature.js';
import {startTrees} from './tree.js';

const parts = [startLists, startBoards, startDashboards, startNumbers, startSearch, startPickers, startFiles, startEditors, startAddresses, startSignatures, startForms, startRecord, startTrees, startExplaining, startInbox];

export function enhance(root) {
  for (const start of parts) start(root);
}
