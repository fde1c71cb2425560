// What a spreadsheet puts on the clipboard, as rows of cells.
// Text of a sheet: cells between tabs, rows between line ends, quotes around cells that hold either.
export function parseSheet(text) {
  const rows = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^\t\r\n]*))(\t|\r\n|\n|\r|$)/g;
  for (const [whole, quoted, plain, end] of text.matchAll(cell)) {
    if (!whole) break;
    rows[rows.length - 1].push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end && end !== '\t') rows.push([]);
    if (!end) break;
  }
  return rows.filter((row) => row.length && row.some((each) => each !== ''));
}
