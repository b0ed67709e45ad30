"use strict";
(() => {
  const STEP = 20;
  const one = document.querySelector.bind(document);

  /* One breakdown at a time. Print shows them all. */
  const breakdowns = [...document.querySelectorAll(".breakdown")];
  if (breakdowns.length > 1) {
    const chosen = one("#breakdown");
    breakdowns.forEach((part, i) => chosen.add(new Option(part.dataset.column, i)));
    const show = () => breakdowns.forEach((part, i) => (part.hidden = i !== Number(chosen.value)));
    chosen.addEventListener("change", show);
    one(".choose").hidden = false;
    show();
  }

  /* What a mark of a chart says, where the mouse is. The tables say it to everybody else. */
  const tip = one("#tip");
  document.addEventListener("pointerover", (event) => {
    const mark = event.target.closest("[data-tip]");
    tip.hidden = !mark;
    if (!mark) return;
    tip.textContent = mark.dataset.tip;
    const right = Math.max(0, document.documentElement.clientWidth - tip.offsetWidth - 8);
    tip.style.left = Math.min(event.clientX + 12, right) + "px";
    tip.style.top = Math.max(4, event.clientY - tip.offsetHeight - 12) + "px";
  });

  document.addEventListener("scroll", () => (tip.hidden = true), { passive: true });

  /* Quotes. */
  const filters = one(".filters");
  if (!filters) return;
  const facts = JSON.parse(one("#facts").textContent);
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const words = (name) => name.replaceAll("_", " ");
  /* What the customer wrote, without the names of the labels that stand between. */
  const written = (quote) =>
    [...quote.querySelector("bdi").childNodes]
      .filter((part) => !part.classList?.contains("why"))
      .map((part) => part.textContent)
      .join("");
  const quotes = [...document.querySelectorAll(".quote")].map((element, i) => ({
    element,
    text: plain(written(element)),
    ...facts[i],
  }));
  const search = one("#search");
  const more = one("#more");
  let shown = STEP;

  const addSelect = (name, groups) => {
    const label = document.createElement("label");
    const select = document.createElement("select");
    label.append(name, select);
    select.add(new Option("all", ""));
    for (const [title, options] of groups) {
      const into = title ? document.createElement("optgroup") : select;
      if (title) {
        into.label = title;
        select.append(into);
      }
      options.forEach(([text, value]) => into.append(new Option(text, value)));
    }
    filters.append(label);
    select.addEventListener("change", restart);
    return select;
  };
  const restart = () => {
    shown = STEP;
    refresh();
  };
  const found = (values) => [...new Set(values)].sort((a, b) => a.localeCompare(b)).map((x) => [words(x), x]);
  const heads = [...new Set(quotes.flatMap((q) => Object.keys(q.labels)))];
  const labelsOf = (head) => found(quotes.map((q) => q.labels[head]).filter((x) => x !== undefined));

  const about = addSelect(
    "Label",
    heads
      .filter((head) => head !== "sentiment")
      .map((head) => [words(head), labelsOf(head).map(([text, x]) => [words(head) + ": " + text, head + "\n" + x])]),
  );
  const sentiment = heads.includes("sentiment") ? addSelect("Sentiment", [["", labelsOf("sentiment")]]) : null;
  const language = addSelect("Language", [["", found(quotes.map((q) => q.language))]]);
  const columns = [...new Set(quotes.flatMap((q) => Object.keys(q.groups)))].map((column) => [
    column,
    addSelect(column, [
      ["", found(quotes.map((q) => q.groups[column]).filter((x) => x !== undefined)).map(([, x]) => [x, x])],
    ]),
  ]);
  const kind = addSelect("Kind", [["", found(quotes.flatMap((q) => q.shows.map((show) => show[2])))]]);

  const matches = (quote) => {
    const [head, label] = about.value.split("\n");
    const shows = quote.shows.filter((show) => !head || (show[0] === head && show[1] === label));
    return (
      (!head || quote.labels[head] === label) &&
      (!sentiment || !sentiment.value || quote.labels.sentiment === sentiment.value) &&
      (!language.value || quote.language === language.value) &&
      columns.every(([column, select]) => !select.value || quote.groups[column] === select.value) &&
      (!kind.value || shows.some((show) => show[2] === kind.value)) &&
      quote.text.includes(plain(search.value.trim()))
    );
  };
  const refresh = () => {
    const matching = new Set(quotes.filter(matches));
    let place = 0;
    for (const quote of quotes) quote.element.hidden = !matching.has(quote) || place++ >= shown;
    const visible = Math.min(shown, matching.size);
    one("#count").textContent =
      matching.size === 0 ? "No quote is like that." : `Showing ${visible} of ${matching.size} quotes`;
    more.hidden = visible === matching.size;
  };
  search.addEventListener("input", restart);
  more.addEventListener("click", () => {
    const first = shown;
    shown += STEP;
    refresh();
    /* The button may be gone now: go on reading where the new quotes start. */
    const next = quotes.filter(matches)[first];
    next.element.tabIndex = -1;
    next.element.focus({ preventScroll: true });
  });
  filters.hidden = false;
  one("#list").classList.add("live");
  refresh();
})();
