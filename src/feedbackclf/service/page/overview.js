/* How often each label is given, as bars and as buttons that choose it. */

import { make, one } from "./dom.js";
import { colour, count, language, texts, words } from "./words.js";

export class Overview {
  /* `model` is as the server describes it, `chosen` a Map from heads to labels; `choose` takes a head and a label. */
  constructor(model, chosen, choose) {
    this.questions = [{ name: "language", labels: [...model.languages, "und"] }, ...model.heads];
    this.counts = new Map(this.questions.map(({ name }) => [name, new Map()]));
    this.total = 0;
    this.chosen = chosen;
    this.choose = choose;
  }

  add(predictions) {
    this.total += predictions.length;
    for (const [name, counted] of this.counts) {
      for (const prediction of predictions) {
        const label = prediction[name];
        if (label) counted.set(label, (counted.get(label) ?? 0) + 1);
      }
    }
  }

  /* Draws everything anew; the button that has the focus keeps it. */
  draw() {
    const { head, label } = document.activeElement.dataset;
    one("overview").replaceChildren(...this.questions.map((question) => this.question(question)).filter(Boolean));
    const buttons = [...one("overview").querySelectorAll("button")];
    if (head) buttons.find((one) => one.dataset.head === head && one.dataset.label === label)?.focus();
  }

  question({ name, labels }) {
    const counted = this.counts.get(name);
    const given = labels.filter((label) => label !== "none" && counted.has(label));
    if (!given.length) return null;
    const silent = this.total - given.reduce((sum, label) => sum + counted.get(label), 0);
    const parts = [...given.map((label) => part(colour(label), counted.get(label))), part("silent", silent)];
    return make(
      "div",
      { className: "question" },
      make("span", { className: "name" }, words(name)),
      make("div", { className: "bar", attributes: { "aria-hidden": "true" } }, ...parts),
      make("div", { className: "choices" }, ...given.map((label) => this.button(name, label, counted.get(label)))),
    );
  }

  button(head, label, number) {
    const said = head === "language" ? language(label) : words(label);
    const attributes = {
      "aria-pressed": String(this.chosen.get(head) === label),
      "aria-label": `${words(head)}: ${said}, ${texts(number)}`,
      "data-head": head,
      "data-label": label,
    };
    const className = `label ${colour(label)}`;
    const button = make("button", { type: "button", className, attributes }, `${said} `, make("b", {}, count(number)));
    button.addEventListener("click", () => this.choose(head, label));
    return button;
  }
}

function part(className, size) {
  const element = make("i", { className });
  element.style.flexGrow = size;
  return element;
}
