// A pad to sign on; the drawing becomes a picture file of the record. Its library comes only to pages that have one.
import {addFile, send} from './files.js';
import {fresh} from './fresh.js';

export function startSignatures(root) {
  for (const box of fresh(root, '[data-signature]')) startSignature(box);
}

async function startSignature(box) {
  const {default: SignaturePad} = await import('signature_pad');
  const paper = box.querySelector('canvas');
  const files = box.closest('[data-files]');
  const taken = box.querySelector('[data-signed]');
  const pad = new SignaturePad(paper, {penColor: '#0f172a'});
  const fit = () => fitPaper(paper, pad, taken);
  fit();
  new ResizeObserver(fit).observe(paper);
  pad.addEventListener('endStroke', () => { taken.disabled = false; });
  box.querySelector('[data-wipe]').addEventListener('click', () => {
    pad.clear();
    taken.disabled = true;
  });
  taken.addEventListener('click', async () => {
    const blob = await new Promise((done) => { paper.toBlob(done, 'image/png'); });
    const info = await send(files.dataset.files, new File([blob], 'signature.png', {type: 'image/png'}));
    if (!info) return;
    addFile(files, info, false);
    pad.clear();
    taken.disabled = true;
  });
}

// As many pixels as the screen has; a canvas whose size changes is empty, so the strokes are drawn again.
function fitPaper(paper, pad, taken) {
  const ratio = Math.max(devicePixelRatio || 1, 1);
  const width = Math.round(paper.offsetWidth * ratio);
  const height = Math.round(paper.offsetHeight * ratio);
  if (!width || (paper.width === width && paper.height === height)) return;
  const strokes = pad.toData();
  paper.width = width;
  paper.height = height;
  paper.getContext('2d').scale(ratio, ratio);
  pad.clear();
  pad.fromData(strokes);
  taken.disabled = !strokes.length;
}
