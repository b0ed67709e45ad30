/* One text with its labels, and its evidence marked. */

import { hidden, make } from "./dom.js";
import { findings, pieces } from "./marks.js";
import { colour, language, percent, words } from "./words.js";

/* What is marked at first: what is said of dimensions, which are short and many. A button marks one label alone. */
export function quote(text, prediction, place, model) {
  const found = findings(prediction, model.heads);
  const dimensions = new Set(model.heads.filter((head) => head.kind === "dimension").map((head) => head.name));
  const usual = dimensions.size ? found.filter((one) => dimensions.has(one.head)) : found;
  const code = prediction.language;
  const inside = make("bdi", { dir: "auto", ...(code && code !== "und" ? { lang: code.replaceAll("_", "-") } : {}) });
  const show = (some) => inside.replaceChildren(...pieces(text, some).flatMap(marked));
  const labels = make("ul", { className: "labels", attributes: { "aria-label": "Labels" } });
  const press = (button, one) => {
    const on = button.getAttribute("aria-pressed") === "false";
    for (const other of labels.querySelectorAll("button")) other.setAttribute("aria-pressed", "false");
    button.setAttribute("aria-pressed", String(on));
    show(on ? [one] : usual);
  };
  for (const one of found) labels.append(make("li", {}, label(one, press)));
  show(usual);
  return make(
    "li",
    { className: "quote" },
    make("blockquote", {}, inside),
    found.length ? labels : null,
    make("p", { className: "meta" }, about(prediction, place, model, found)),
  );
}

function marked({ text, inside, ends }) {
  const run = inside.length ? make("mark", { className: colour(inside[0].label) }, text) : text;
  const tags = ends.map(({ head, label }) =>
    make(
      "span",
      { className: `why ${colour(label)}`, lang: "en", dir: "ltr" },
      hidden(" (evidence of "),
      `${words(head)}: ${words(label)}`,
      hidden(") "),
    ),
  );
  return [run, ...tags];
}

function label(one, press) {
  const sure = one.sure === null ? null : make("span", { className: "sure" }, ` ${percent(one.sure)}`);
  const inside = [`${words(one.head)} `, make("b", {}, words(one.label)), sure];
  const className = `label ${colour(one.label)}`;
  if (one.start === null) return make("span", { className }, ...inside);
  const attributes = { "aria-pressed": "false" };
  const button = make("button", { type: "button", className, attributes, title: "Mark its evidence alone" }, ...inside);
  button.addEventListener("click", () => press(button, one));
  return button;
}

function about(prediction, place, model, found) {
  if (model.heads.every(({ name }) => !prediction[name])) return `Text ${place + 1} · empty, so it has no labels`;
  const sure = prediction.language_confidence;
  const said = new Set(found.map((one) => one.head));
  const silent = model.heads.filter(({ name }) => !said.has(name)).map(({ name }) => words(name));
  return [
    `Text ${place + 1}`,
    language(prediction.language) + (typeof sure === "number" && sure < 1 ? ` ${percent(sure)}` : ""),
    ...(silent.length ? [`nothing said of ${silent.join(", ")}`] : []),
  ].join(" · ");
}
