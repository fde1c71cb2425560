// Reads {moment, records: [{values, rows}], nodes: [[id, node]]} and writes {id: [answer per record]} as the
// browser's interpreter gives them.
import { readFileSync } from "node:fs";
import { evaluate } from "../../frontend/src/formula.js";

function valuesOf({ values, rows }) {
  const byPath = new Map(Object.entries(values));
  const lists = new Map(Object.entries(rows ?? {}).map(([name, list]) => [name, list.map(valuesOf)]));
  return {
    value: (path) => byPath.get(path.join(".")) ?? null,
    rows: (source) => lists.get(source.join(".")) ?? [],
  };
}

const { moment, records, nodes } = JSON.parse(readFileSync(0, "utf8"));
const known = records.map(valuesOf);
const around = { ...moment, meValues: moment.meValues && valuesOf(moment.meValues), settings: moment.settings && valuesOf(moment.settings) };
const answers = {};
for (const [id, node] of nodes) {
  answers[id] = known.map((values) => {
    try {
      return evaluate(node, values, around);
    } catch (error) {
      return `${error.name}: ${error.message}`;
    }
  });
}
process.stdout.write(JSON.stringify(answers));
