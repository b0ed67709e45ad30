/* The result as files: what was put in, and its labels behind it. */

import { written } from "./delimited.js";

/* Evidence as CSV has it is its words; where they stand and what they weigh is for programs. */
const FOR_PROGRAMS = /_evidence_(start|length|weight)$/;

/* What comes before the names of labels, so that no column of the input has such a name. */
export function prefixFor(columns, names) {
  let prefix = "";
  while (names.some((name) => columns.includes(prefix + name))) prefix += "pred_";
  return prefix;
}

/* Begins with a byte order mark, without which Excel reads å as Ã¥. */
export function asCsv({ table, predictions }) {
  const all = Object.keys(predictions[0]);
  const isQuoted = (name) => all.includes(name.replace(FOR_PROGRAMS, "_evidence"));
  const names = all.filter((name) => !FOR_PROGRAMS.test(name) || !isQuoted(name));
  const prefix = prefixFor(table.columns, names);
  const header = [...table.columns, ...names.map((name) => prefix + name)];
  const rows = predictions.map((prediction, place) => [...table.rows[place], ...names.map((name) => prediction[name])]);
  return "\ufeff" + written([header, ...rows], table.delimiter);
}

export function asJson({ table, predictions }) {
  const prefix = prefixFor(table.columns, Object.keys(predictions[0]));
  const rows = predictions.map((prediction, place) => [
    ...table.columns.map((name, column) => [name, table.rows[place][column]]),
    ...Object.entries(prediction).map(([name, value]) => [prefix + name, value]),
  ]);
  return `[\n${rows.map((row) => JSON.stringify(Object.fromEntries(row))).join(",\n")}\n]\n`;
}

export function save(name, type, content) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([content], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
