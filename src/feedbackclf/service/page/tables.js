/* What is to be labelled, as a table: {columns, rows, text, delimiter, notes}, with rows of cells, `text` the place
   of the column that is labelled, and `notes` sentences for the reader. */

import { decoded, delimiterOf, parsed } from "./delimited.js";

export const MOST_BYTES = 50_000_000;

/* Best first, as in tables/columns.py. */
const WELL_KNOWN = `
  text, full text, review text, feedback text, comment text, review, review body, review content,
  feedback, comment, comments, body, content, message, remark, remarks, verbatim, response,
  tekst, reviewtekst, opmerking, opmerkingen, toelichting, reactie, reacties, beoordeling,
  recensie, bericht, commentaar, kommentar, kommentarer, anmeldelse, anmeldelser, anmeldelsestekst,
  besked, bemærkning, bemærkninger, tilbagemelding, svar, omdöme, omdömen, recension,
  recensioner, recensionstext, meddelande, synpunkt, synpunkter, återkoppling, antwoord, answer`
  .split(",")
  .map((name) => name.trim());

/* A file that cannot be read as a table; the message says why and what to do. */
export class TableError extends Error {}

/* Pasted texts: one per line, or with blank lines between them. */
export function pasted(text, byLine) {
  const parts = text.toWellFormed().split(byLine ? /\r\n?|\n/ : /(?:\r\n?|\n)[ \t]*(?:\r\n?|\n)\s*/);
  const texts = parts.map((part) => part.trim()).filter(Boolean);
  return { columns: ["text"], rows: texts.map((one) => [one]), text: 0, delimiter: ",", notes: [] };
}

/* A CSV or TSV file. Throws TableError. */
export function fromBytes(bytes) {
  const { text: all, encoding } = decoded(bytes);
  if (all.includes("\0")) throw new TableError("This is no CSV file. In a spreadsheet, save it as CSV first.");
  const named = /^"?sep=([,;\t|])"?(?:\r\n?|\n)/i.exec(all);
  const text = named ? all.slice(named[0].length) : all;
  const delimiter = named ? named[1] : delimiterOf(text);
  const { rows: found, unclosed } = parsed(text, delimiter);
  if (unclosed) throw new TableError(`Row ${unclosed} has a quotation mark that is never closed. Close it first.`);
  if (found.length < 2) throw new TableError("There are no rows: the first names the columns, the texts follow it.");
  const columns = found[0].cells.map((name, place) => name || `column_${place + 1}`);
  const twice = columns.find((name, place) => columns.indexOf(name) < place);
  if (twice !== undefined) throw new TableError(`The column “${twice}” is there twice. Rename one, and try again.`);
  const whole = found.slice(1).filter((row) => row.cells.length === columns.length);
  if (!whole.length) throw new TableError("No row has as many cells as the first row, which names the columns.");
  const rows = whole.map((row) => row.cells);
  const notes = encoding === "UTF-8" ? [] : [`Read as ${encoding}.`];
  const broken = found.slice(1).filter((row) => row.cells.length !== columns.length);
  if (broken.length) notes.push(leftOut(broken.map((row) => row.number)));
  return { columns, rows, text: textColumn(columns, rows), delimiter, notes };
}

function leftOut(numbers) {
  const some = numbers.slice(0, 5).join(", ") + (numbers.length > 5 ? ", …" : "");
  const which = numbers.length === 1 ? `Row ${some} is` : `${numbers.length} rows are`;
  const list = numbers.length === 1 ? "" : `: ${some}`;
  return `${which} left out, with more or fewer cells than the first row${list}.`;
}

/* The one with a well-known name, and otherwise the one with the longest cells. */
function textColumn(columns, rows) {
  const plain = columns.map((name) => name.toLowerCase().replace(/[_\-\s]+/g, " ").trim());
  const known = WELL_KNOWN.find((name) => plain.includes(name));
  if (known) return plain.indexOf(known);
  const sizes = columns.map((_, place) => rows.reduce((sum, row) => sum + row[place].length, 0));
  return sizes.indexOf(Math.max(...sizes));
}
