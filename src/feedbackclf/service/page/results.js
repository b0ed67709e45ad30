/* The labels of all texts: how often each is given, and the texts that have those that are chosen. */

import { make, one } from "./dom.js";
import { quote } from "./quotes.js";
import { colour, count, language, texts, words } from "./words.js";

const STEP = 20;

export class Results {
  /* `model` as the server describes it. */
  constructor(model) {
    this.model = model;
    this.questions = [{ name: "language", labels: [...model.languages, "und"] }, ...model.heads];
    this.counts = new Map(this.questions.map(({ name }) => [name, new Map()]));
    this.texts = [];
    this.predictions = [];
    this.chosen = new Map();
    this.matching = [];
    this.shown = STEP;
    one("list").replaceChildren();
    this.draw();
  }

  /* A further batch. */
  add(batch, predictions) {
    predictions.forEach((prediction, nth) => {
      for (const [name, counted] of this.counts) {
        const label = prediction[name];
        if (label) counted.set(label, (counted.get(label) ?? 0) + 1);
      }
      this.texts.push(batch[nth]);
      this.predictions.push(prediction);
      if (this.matches(prediction)) this.matching.push(this.predictions.length - 1);
    });
    this.draw();
  }

  matches(prediction) {
    return [...this.chosen].every(([name, label]) => prediction[name] === label);
  }

  choose(name, label) {
    if (this.chosen.get(name) === label) this.chosen.delete(name);
    else this.chosen.set(name, label);
    this.restart();
    for (const button of one("overview").querySelectorAll("button"))
      if (button.dataset.head === name && button.dataset.label === label) button.focus();
  }

  showAll() {
    this.chosen.clear();
    this.restart();
    one("labels").focus();
  }

  restart() {
    this.matching = this.predictions.flatMap((prediction, place) => (this.matches(prediction) ? [place] : []));
    this.shown = STEP;
    one("list").replaceChildren();
    this.draw();
  }

  showMore() {
    const first = this.shown;
    this.shown += STEP;
    this.draw();
    /* The button may be gone now: go on reading where the new texts start. */
    const next = one("list").children[first];
    next.tabIndex = -1;
    next.focus({ preventScroll: true });
  }

  draw() {
    this.drawOverview();
    const list = one("list");
    for (const place of this.matching.slice(list.children.length, this.shown))
      list.append(quote(this.texts[place], this.predictions[place], place, this.model));
    const visible = list.children.length;
    const all = this.chosen.size ? `${texts(this.matching.length)} with what is chosen` : texts(this.matching.length);
    one("count").textContent = visible < this.matching.length ? `The first ${visible} of ${all}.` : `${all}.`;
    one("all").hidden = !this.chosen.size;
    one("more").hidden = visible === this.matching.length;
  }

  drawOverview() {
    const focused = document.activeElement?.dataset ?? {};
    one("overview").replaceChildren(
      ...this.questions.flatMap(({ name, labels }) => {
        const counted = this.counts.get(name);
        const given = labels.filter((label) => label !== "none" && counted.has(label));
        return given.length ? [this.question(name, given, counted)] : [];
      }),
    );
    for (const button of one("overview").querySelectorAll("button"))
      if (button.dataset.head === focused.head && button.dataset.label === focused.label) button.focus();
  }

  question(name, given, counted) {
    const bar = make("div", { className: "bar", attributes: { "aria-hidden": "true" } });
    const buttons = given.map((label) => {
      const part = make("i", { className: colour(label) });
      part.style.flexGrow = counted.get(label);
      bar.append(part);
      const said = name === "language" ? language(label) : words(label);
      const attributes = { "aria-pressed": String(this.chosen.get(name) === label), "aria-label": `${words(name)}: ${said}, ${texts(counted.get(label))}` };
      const button = make("button", { type: "button", className: `label ${colour(label)}`, attributes }, `${said} `, make("b", {}, count(counted.get(label))));
      button.dataset.head = name;
      button.dataset.label = label;
      button.addEventListener("click", () => this.choose(name, label));
      return button;
    });
    const silent = make("i", { className: "silent" });
    silent.style.flexGrow = this.predictions.length - given.reduce((sum, label) => sum + counted.get(label), 0);
    bar.append(silent);
    return make("div", { className: "question" }, make("span", { className: "name" }, words(name)), make("div", {}, bar, make("div", { className: "choices" }, ...buttons)));
  }
}
