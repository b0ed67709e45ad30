/* The right side of the page: the texts that have the labels that are chosen, a few at a time. */

import { one } from "./dom.js";
import { Overview } from "./overview.js";
import { quote } from "./quotes.js";
import { texts } from "./words.js";

const STEP = 20;
const FEW = 10; // of so few texts a reader needs no overview

export class Results {
  /* `model` as the server describes it, and how many texts there will be. */
  constructor(model, size) {
    this.model = model;
    this.texts = [];
    this.predictions = [];
    this.chosen = new Map();
    this.overview = new Overview(model, this.chosen, (head, label) => this.choose(head, label));
    one("how-often").open = size > FEW;
    this.restart();
  }

  /* A further batch. */
  add(batch, predictions) {
    this.overview.add(predictions);
    predictions.forEach((prediction, nth) => {
      this.texts.push(batch[nth]);
      this.predictions.push(prediction);
      if (this.matches(prediction)) this.matching.push(this.predictions.length - 1);
    });
    this.draw();
  }

  matches(prediction) {
    return [...this.chosen].every(([head, label]) => prediction[head] === label);
  }

  choose(head, label) {
    if (this.chosen.get(head) === label) this.chosen.delete(head);
    else this.chosen.set(head, label);
    this.restart();
  }

  showAll() {
    this.chosen.clear();
    this.restart();
    one("labels").focus();
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

  restart() {
    this.matching = this.predictions.flatMap((prediction, place) => (this.matches(prediction) ? [place] : []));
    this.shown = STEP;
    one("list").replaceChildren();
    this.draw();
  }

  draw() {
    this.overview.draw();
    const list = one("list");
    for (const place of this.matching.slice(list.children.length, this.shown))
      list.append(quote(this.texts[place], this.predictions[place], place, this.model));
    const visible = list.children.length;
    const first = visible < this.matching.length ? `The first ${visible} of ` : "";
    const which = `${texts(this.matching.length)}${this.chosen.size ? " with what you chose" : ""}.`;
    one("count").textContent = first || this.chosen.size ? first + which : "";
    one("all").hidden = !this.chosen.size;
    one("more").hidden = visible === this.matching.length;
  }
}
