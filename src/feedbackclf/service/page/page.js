/* What happens when something is pressed or answered. Nothing is kept when the page is closed. */

import { make, one } from "./dom.js";
import { asCsv, asJson, prefixFor, save } from "./downloads.js";
import * as input from "./input.js";
import { Results } from "./results.js";
import { model as askModel, labels, tooLong } from "./server.js";
import { count, language, texts, words } from "./words.js";

let model = null;
let asking = null; // the promise of the model, while it is on its way
let run = null; // {table, texts, language, name, predictions, results}
let stopping = null; // the AbortController of what goes on

const key = () => one("key").value.trim();
const left = () => run.texts.length - run.predictions.length;

/* One thing at a time, which can be stopped, and whatever goes wrong with it is told. */
async function work(task) {
  if (stopping) return;
  stopping = new AbortController();
  say("");
  problem("");
  try {
    await task(stopping.signal);
  } catch (error) {
    if (error.name === "AbortError") say(`Stopped: ${texts(run.predictions.length)} labelled, ${count(left())} left.`);
    else failed(error);
  } finally {
    stopping = null;
    if (!one("stop").hidden) busy(false);
  }
}

async function start(signal) {
  if (!model) await getModel();
  const table = input.table();
  const all = table.rows.map((row) => row[table.text]);
  if (!all.length) {
    problem("There is no text yet. Paste some, or choose a CSV file.");
    one("texts").focus();
    return;
  }
  const long = tooLong(all, model.limits);
  if (long) {
    const much = `${count(long.size)} characters; this server takes ${count(model.limits.characters)}`;
    problem(`Text ${long.place + 1} has ${much}. Shorten it, or leave it out.`);
    return;
  }
  const results = new Results(model, all.length);
  run = { table, texts: all, language: one("language").value, name: input.name(), predictions: [], results };
  one("found").hidden = true;
  await goOn(signal);
}

async function goOn(signal) {
  busy(true);
  const asked = { language: run.language, key: key(), limits: model.limits, signal };
  for await (const predictions of labels(run.texts, asked, run.predictions.length)) {
    const place = run.predictions.length;
    run.predictions.push(...predictions);
    run.results.add(run.texts.slice(place, run.predictions.length), predictions);
    showProgress();
    showFound();
  }
  say(`${texts(run.predictions.length)} labelled.`);
}

function getModel() {
  asking ??= askModel(key())
    .then(describe)
    .finally(() => (asking = null));
  return asking;
}

/* What is labelled, and the languages to choose from. */
function describe(answer) {
  model = answer;
  one("language").append(...model.languages.map((code) => new Option(language(code), code)));
  const described = model.heads.map(({ name, description, labels: given }) => {
    const labelled = make("span", { className: "quiet" }, given.map(words).join(", "));
    return make("div", {}, make("dt", {}, words(name)), make("dd", {}, description || null, labelled));
  });
  one("heads").replaceChildren(...described);
  one("about").hidden = false;
}

function failed(error) {
  if (error.status === undefined) {
    problem("Something went wrong in this page. Reload it, and try again.");
    throw error;
  }
  if (error.status !== 401) return problem(error.message);
  problem(key() ? "The server does not know this key. Look at it again." : "This server asks for a key.");
  one("key-field").hidden = false;
  one("key").focus();
}

function busy(yes) {
  const ours = [one("run"), one("stop"), one("go-on"), document.body].includes(document.activeElement);
  const more = run !== null && run.predictions.length > 0 && left() > 0;
  one("run").hidden = yes;
  one("stop").hidden = !yes;
  one("go-on").hidden = yes || !more;
  one("progress").hidden = !yes;
  one("found").ariaBusy = String(yes); // or every batch would be read out
  if (yes) showProgress();
  if (!ours) return;
  /* The button that had the focus is gone. */
  if (yes) one("stop").focus();
  else if (more) one("go-on").focus();
  else if (!one("found").hidden) one("labels").focus();
  else one("run").focus();
}

function showProgress() {
  one("bar").max = run.texts.length;
  one("bar").value = run.predictions.length;
  one("done").textContent = `${count(run.predictions.length)} of ${texts(run.texts.length)}`;
}

function showFound() {
  one("about").hidden = true;
  one("found").hidden = false;
  const prefix = prefixFor(run.table.columns, Object.keys(run.predictions[0]));
  one("prefix").hidden = !prefix;
  one("prefix").textContent = `The file has columns with names of labels: in downloads, labels begin with ${prefix}`;
}

function say(what) {
  one("status").textContent = what;
}

function problem(what) {
  one("problem").textContent = what;
  one("problem").hidden = !what;
  if (what) one("problem").scrollIntoView({ block: "nearest" });
}

one("form").addEventListener("submit", (event) => {
  event.preventDefault();
  work(start);
});
one("stop").addEventListener("click", () => stopping?.abort());
one("go-on").addEventListener("click", () => work(goOn));
one("all").addEventListener("click", () => run.results.showAll());
one("more").addEventListener("click", () => run.results.showMore());
one("csv").addEventListener("click", () => save(`${run.name}-labels.csv`, "text/csv", asCsv(run)));
one("json").addEventListener("click", () => save(`${run.name}-labels.json`, "application/json", asJson(run)));
input.listen(problem);
getModel().catch(failed);
