/* What happens when something is pasted, chosen, pressed or answered. Nothing is kept when the page is closed. */

import { make, one } from "./dom.js";
import { asCsv, asJson, prefixFor, save } from "./downloads.js";
import { Results } from "./results.js";
import { labels, model as askModel } from "./server.js";
import { MOST_BYTES, TableError, fromBytes, pasted } from "./tables.js";
import { count, language, texts, words } from "./words.js";

const EXAMPLE = [
  "Quick delivery 🚀, but the zip broke on the first day.",
  "Supervenlig betjening, og pengene var tilbage på to dage. Tusind tak!",
  "Drie weken wachten en niemand die de telefoon opneemt. Nooit meer.",
  "Fin kvalitet, jag handlar gärna här igen.",
];

let model = null;
let file = null; // {name, table}
let run = null; // {table, language, predictions, results, name}
let stopping = null; // the AbortController of the run that goes on

/* Input. */

const current = () => file?.table ?? pasted(one("texts").value, form.split.value === "line");
const form = one("form");

function showSize() {
  const { rows } = current();
  one("size").textContent = rows.length ? `${texts(rows.length)}.` : "";
}

async function load(chosen) {
  problem("");
  try {
    if (chosen.size > MOST_BYTES)
      throw new TableError("It has more than 50 MB. Use the command line for it, which has no such limit: feedbackclf predict.");
    show({ name: chosen.name, table: fromBytes(new Uint8Array(await chosen.arrayBuffer())) });
    one("column").focus();
  } catch (error) {
    if (!(error instanceof TableError || error instanceof DOMException)) throw error;
    const why = error instanceof TableError ? error.message : "It cannot be read. See whether it is still there.";
    problem(`${chosen.name}: ${why}`);
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
    one("column").replaceChildren(...file.table.columns.map((name, place) => new Option(name, place)));
    one("column").value = file.table.text;
    showSample();
  }
  showSize();
}

function showSample() {
  const sample = file.table.rows.map((row) => row[file.table.text].trim()).find(Boolean) ?? "no text in this column";
  const points = Array.from(sample);
  one("sample").textContent = points.length > 140 ? points.slice(0, 140).join("") + "…" : sample;
}

/* Labels. */

async function start() {
  const table = { ...current() };
  if (!table.rows.length) {
    problem("There is no text yet. Paste some, or choose a CSV file.");
    one("texts").focus();
    return;
  }
  run = { table, language: one("language").value, predictions: [], results: null, name: file?.name ?? "feedback" };
  await goOn();
}

async function goOn() {
  problem("");
  say("");
  stopping = new AbortController();
  busy(true);
  const words = run.table.rows.map((row) => row[run.table.text]);
  try {
    await getModel();
    run.results ??= new Results(model);
    for await (const batch of labels(words, run.language, key(), stopping.signal, run.predictions.length)) {
      run.results.add(words.slice(run.predictions.length, run.predictions.length + batch.length), batch);
      run.predictions.push(...batch);
      showProgress();
      showFound();
    }
    say(`${texts(run.predictions.length)} labelled.`);
  } catch (error) {
    if (error.name === "AbortError") say(`Stopped. ${texts(run.predictions.length)} labelled, ${count(left())} left.`);
    else failed(error);
  } finally {
    stopping = null;
    busy(false);
  }
}

const left = () => run.table.rows.length - run.predictions.length;
const key = () => one("key").value.trim();

async function getModel() {
  if (model) return;
  model = await askModel(key());
  one("language").append(...model.languages.map((code) => new Option(language(code), code)));
  one("heads").replaceChildren(
    ...model.heads.map(({ name, description, labels: given }) =>
      make("div", {}, make("dt", {}, words(name)), make("dd", {}, description ? `${description} ` : null, make("span", { className: "quiet" }, given.map(words).join(", ")))),
    ),
  );
}

function failed(error) {
  if (error.status === undefined) throw error;
  if (error.status !== 401) return problem(error.message);
  problem(key() ? "The server does not know this key. Look at it again." : "This server asks for a key.");
  one("key-field").hidden = false;
  one("key").focus();
}

/* What is shown of it. */

function busy(yes) {
  const focused = [one("run"), one("stop"), one("go-on"), document.body].includes(document.activeElement);
  one("run").hidden = yes;
  one("stop").hidden = !yes;
  one("go-on").hidden = yes || !run?.predictions.length || !left();
  one("progress").hidden = !yes;
  if (yes) showProgress();
  if (!focused) return;
  if (yes) one("stop").focus();
  else if (!one("go-on").hidden) one("go-on").focus();
  else if (run.predictions.length) one("labels").focus();
  else one("run").focus();
}

function showProgress() {
  one("bar").max = run.table.rows.length;
  one("bar").value = run.predictions.length;
  one("done").textContent = `${count(run.predictions.length)} of ${texts(run.table.rows.length)}`;
}

function showFound() {
  one("about").hidden = true;
  one("found").hidden = false;
  const prefix = prefixFor(run.table.columns, Object.keys(run.predictions[0]));
  one("prefix").hidden = !prefix;
  one("prefix").textContent = `The file has columns with names of labels, so in the downloads labels begin with “${prefix}”.`;
}

function say(what) {
  one("status").textContent = what;
}

function problem(what) {
  one("problem").textContent = what;
  one("problem").hidden = !what;
}

function download(extension, type, content) {
  save(`${run.name.replace(/\.(csv|tsv|txt)$/i, "")}-labels.${extension}`, type, content(run));
}

/* Wires. */

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (stopping) return;
  /* With a key at last, a run that was refused in its middle goes on. */
  start();
});
one("texts").addEventListener("input", showSize);
one("texts").addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
});
form.addEventListener("change", showSize);
one("file").addEventListener("change", async () => {
  const [chosen] = one("file").files;
  if (chosen) await load(chosen);
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
  form.split.value = "line";
  one("texts").value = EXAMPLE.join("\n");
  showSize();
  one("run").focus();
});
one("stop").addEventListener("click", () => stopping?.abort());
one("go-on").addEventListener("click", goOn);
one("all").addEventListener("click", () => run.results.showAll());
one("more").addEventListener("click", () => run.results.showMore());
one("csv").addEventListener("click", () => download("csv", "text/csv", asCsv));
one("json").addEventListener("click", () => download("json", "application/json", asJson));

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
  load(event.dataTransfer.files[0]);
});

showSize();
getModel().catch(failed);
