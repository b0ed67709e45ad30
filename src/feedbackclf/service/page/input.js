/* The left side of the page: texts that are pasted, or a file that is chosen or dropped. */

import { one } from "./dom.js";
import { MOST_BYTES, TableError, fromBytes, pasted } from "./tables.js";
import { texts } from "./words.js";

const SAMPLE = 140; // characters
const EXAMPLE = [
  "Quick delivery 🚀, but the zip broke on the first day.",
  "Supervenlig betjening, og pengene var tilbage på to dage. Tusind tak!",
  "Drie weken wachten en niemand die de telefoon opneemt. Nooit meer.",
  "Fin kvalitet, jag handlar gärna här igen.",
];

let file = null; // {name, table}

/* What is to be labelled, see tables.js. */
export const table = () =>
  file ? { ...file.table } : pasted(one("texts").value, one("form").elements.split.value === "line");

/* The name of the file without its extension, or of what is pasted. */
export const name = () => (file ? file.name.replace(/\.(csv|tsv|txt)$/i, "") : "feedback");

/* Listens to everything on this side. `problem` is called with what is wrong with a file, and "" when nothing is. */
export function listen(problem) {
  one("texts").addEventListener("input", showSize);
  one("texts").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) one("form").requestSubmit();
  });
  for (const radio of one("form").elements.split) radio.addEventListener("change", showSize);
  one("file").addEventListener("change", async () => {
    const [chosen] = one("file").files;
    if (chosen) await load(chosen, problem);
    one("file").value = ""; // so that the same file can be chosen again when it has been mended
  });
  one("column").addEventListener("change", () => {
    file.table.text = Number(one("column").value);
    showSample();
  });
  one("remove").addEventListener("click", () => {
    show(null);
    one("texts").focus();
  });
  one("example").addEventListener("click", () => {
    show(null);
    one("form").elements.split.value = "line";
    one("texts").value = EXAMPLE.join("\n");
    showSize();
    one("run").focus();
  });
  addEventListener("dragover", (event) => {
    if (!event.dataTransfer.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.add("dragging");
  });
  addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dragging");
  });
  addEventListener("drop", (event) => {
    document.body.classList.remove("dragging");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    load(event.dataTransfer.files[0], problem);
  });
}

async function load(chosen, problem) {
  problem("");
  try {
    if (chosen.size > MOST_BYTES)
      throw new TableError("It has more than 50 MB. The command line takes any size: feedbackclf predict.");
    show({ name: chosen.name, table: fromBytes(new Uint8Array(await chosen.arrayBuffer())) });
    one("column").focus();
  } catch (error) {
    const unreadable = error instanceof DOMException;
    if (!(error instanceof TableError || unreadable)) throw error;
    problem(`${chosen.name}: ${unreadable ? "It cannot be read. See whether it is still there." : error.message}`);
  }
}

/* A file in place of pasted texts, or null for these. */
function show(next) {
  file = next;
  one("paste").hidden = file !== null;
  one("loaded").hidden = file === null;
  if (file) {
    one("name").textContent = file.name;
    one("file-notes").textContent = file.table.notes.join(" ");
    one("column").replaceChildren(...file.table.columns.map((column, place) => new Option(column, place)));
    one("column").value = file.table.text;
    showSample();
  }
  showSize();
}

function showSize() {
  const { rows } = table();
  one("size").textContent = rows.length ? `${texts(rows.length)}.` : "";
}

function showSample() {
  const texts = file.table.rows.map((row) => row[file.table.text].trim());
  const points = Array.from(texts.find(Boolean) ?? "There is no text in this column.");
  one("sample").textContent = points.slice(0, SAMPLE).join("") + (points.length > SAMPLE ? "…" : "");
}
