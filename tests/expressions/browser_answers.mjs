// Reads questions [{id, node, given, rows}] and writes {id: answer} as the browser's interpreter gives it.
import { readFileSync } from "node:fs";
import { evaluate } from "../../frontend/src/formula.js";

function values(given, rows) {
  const byName = new Map(Object.entries(given));
  return {
    value: (path) => byName.get(path.join(".")) ?? null,
    rows: () => rows.map((row) => values(row, [])),
  };
}

const { calendar, questions } = JSON.parse(readFileSync(0, "utf8"));
const moment = { now: "2024-06-15T04:00:00Z", zone: "Asia/Shanghai", me: 7, calendar };
const answers = {};
for (const { id, node, given, rows } of questions) {
  try {
    answers[id] = evaluate(node, values(given, rows), moment);
  } catch (error) {
    answers[id] = `error: ${error.stack}`;
  }
}
process.stdout.write(JSON.stringify(answers));
