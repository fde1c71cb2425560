// The elements below (or at) `root` that match and have not been started yet.
export function fresh(root, selector) {
  const found = [...root.querySelectorAll(selector)];
  if (root instanceof Element && root.matches(selector)) found.unshift(root);
  return found.filter((element) => {
    const started = (element.dataset.started || '').split(' ');
    if (started.includes(selector)) return false;
    element.dataset.started = [...started, selector].join(' ').trim();
    return true;
  });
}
