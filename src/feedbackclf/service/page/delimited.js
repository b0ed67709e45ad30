/* CSV and TSV: bytes to rows of cells, and back to a text. */

const DELIMITERS = [",", ";", "\t", "|"];
const SAMPLE_ROWS = 100;

/* Blanks, controls and invisible characters may be skipped before the sign. As in tables/spreadsheet.py. */
const FORMULA = /^[\p{Z}\p{C}]*[=+\-@＝＋－＠]|^\p{Cf}*[\t\r\n]/u;
const NUMBER =
  /^ *(?:-[0-9]+|\+[0-9]{1,7}|[+-][0-9]{1,3}(?:(?:\.[0-9]{3})+|(?:,[0-9]{3})+))(?:[.,][0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

/* UTF-8, UTF-16 with a mark at its start, and otherwise what Windows wrote before there was UTF-8. */
export function decoded(bytes) {
  const start = [...bytes.subarray(0, 2)].join(" ");
  const marked = { "255 254": "utf-16le", "254 255": "utf-16be" }[start];
  if (marked) return { text: new TextDecoder(marked).decode(bytes), encoding: marked.toUpperCase() };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes), encoding: "UTF-8" };
  } catch {
    return { text: new TextDecoder("windows-1252").decode(bytes), encoding: "Windows-1252" };
  }
}

/* All rows that are not blank lines, each with the number it has in a spreadsheet. Gives {rows, unclosed}: `unclosed`
   is the row with a quote that never ends, or null. Stops after `most` rows. */
export function parsed(text, delimiter, most = Infinity) {
  const rows = [];
  const next = new RegExp(`[${delimiter === "|" ? "\\|" : delimiter}\\r\\n]|$`, "g");
  let cells = [];
  let place = 0;
  let number = 1;
  while (place < text.length && rows.length < most) {
    let cell = "";
    if (text[place] === '"') {
      for (let quoted = true; quoted; ) {
        const end = text.indexOf('"', place + 1);
        if (end < 0) return { rows, unclosed: number };
        quoted = text[end + 1] === '"';
        cell += text.slice(place + 1, quoted ? end + 1 : end);
        place = end + 1;
      }
    }
    next.lastIndex = place;
    const end = next.exec(text).index;
    cells.push(cell + text.slice(place, end));
    place = end + 1;
    if (text[end] === delimiter && place < text.length) continue;
    if (text[end] === delimiter) cells.push("");
    if (text[end] === "\r" && text[place] === "\n") place += 1;
    if (cells.length > 1 || cells[0]) rows.push({ number, cells });
    number += 1;
    cells = [];
  }
  return { rows, unclosed: null };
}

/* With which most rows have as many cells as the first. Of those that do equally well the one with more columns. */
export function delimiterOf(text) {
  let best = { delimiter: ",", share: 0, columns: 1 };
  for (const delimiter of DELIMITERS) {
    const rows = parsed(text, delimiter, SAMPLE_ROWS).rows;
    const columns = rows.length ? rows[0].cells.length : 0;
    if (columns < 2) continue;
    const share = rows.filter((row) => row.cells.length === columns).length / rows.length;
    if (share > best.share || (share === best.share && columns > best.columns)) best = { delimiter, share, columns };
  }
  return best.delimiter;
}

/* Cells as a spreadsheet may open them: a text that it would run as a formula gets an apostrophe. */
export function written(rows, delimiter) {
  const special = new RegExp(`["\\r\\n${delimiter === "|" ? "\\|" : delimiter}]`);
  const spelled = (value) => {
    if (typeof value !== "string") return value === null || value === undefined ? "" : String(value);
    const safe = FORMULA.test(value) && !NUMBER.test(value) ? `'${value}` : value;
    return special.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  return rows.map((row) => row.map(spelled).join(delimiter) + "\n").join("");
}
