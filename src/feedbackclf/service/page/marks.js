/* Evidence in a text. Offsets are in code points, of which one can be two of JavaScript's characters. */

/* The labels of a prediction that say something: [{head, label, sure, start, end}]. Start and end of their evidence are
   null where there is none. */
export function findings(prediction, heads) {
  return heads
    .filter(({ name }) => prediction[name] && prediction[name] !== "none")
    .map(({ name }) => {
      const start = prediction[`${name}_evidence_start`] ?? null;
      const end = start === null ? null : start + prediction[`${name}_evidence_length`];
      return { head: name, label: prediction[name], sure: prediction[`${name}_confidence`] ?? null, start, end };
    });
}

/* The text cut where evidence starts or ends: [{text, inside, ends}], the findings around a piece, shortest first, and
   those of them that end with it. */
export function pieces(text, found) {
  const points = Array.from(text);
  const spans = found.filter((one) => one.start !== null).sort((a, b) => a.end - a.start - (b.end - b.start));
  const bounds = spans.flatMap(({ start, end }) => [start, end]);
  const cuts = [...new Set([0, points.length, ...bounds])].sort((a, b) => a - b);
  return cuts.slice(1).map((end, place) => {
    const inside = spans.filter((span) => span.start <= cuts[place] && end <= span.end);
    return { text: points.slice(cuts[place], end).join(""), inside, ends: inside.filter((span) => span.end === end) };
  });
}
