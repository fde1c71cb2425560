// An address is one text: "广东省 深圳市 南山区 科技路1号". Regions are {name: {name: {name: {}}}}.

// The regions at the start of a text, as far as they are known, and the rest of it. Spaces between them may be missing.
export function splitAddress(text, regions) {
  const chosen = [];
  let rest = (text || '').trim();
  for (let below = regions; below; below = below[chosen.at(-1)]) {
    const name = Object.keys(below).find((each) => rest.startsWith(each));
    if (!name) break;
    chosen.push(name);
    rest = rest.slice(name.length).trimStart();
  }
  return {chosen, rest};
}

export function joinAddress(chosen, rest) {
  return [...chosen.filter(Boolean), rest.trim()].filter(Boolean).join(' ');
}

// What may be chosen at each level, given what is chosen above it.
export function levels(chosen, regions) {
  const offered = [];
  let below = regions;
  for (let at = 0; at < 3 && below && Object.keys(below).length; at += 1) {
    offered.push(Object.keys(below));
    below = below[chosen[at]];
  }
  return offered;
}
