"""Measure how faithful evidence is, and write `docs/evidence.md` from `docs/evidence.json`.

Usage: python tools/evidence.py [--measure | --check]

`--measure` takes the held-out texts of ../shared/data and a minute. Without it the page is written anew from the
figures, and `--check` only compares.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

import feedbackclf
from feedbackclf.explanation import Explanation, LabelExplanation

ROOT = Path(__file__).parents[1]
FILE = ROOT / "docs" / "evidence.json"
HELD_OUT = ROOT.parent / "shared" / "data" / "annotated.dev.jsonl"
SHORTEST = 4
"""Words of a text; in shorter ones evidence is most of the text, and so is any other span."""
DRAWS = 20
"""Random spans for each span of evidence."""
ABOUT = """\
# Evidence

`predict --evidence`, `explain` and the report quote for each label the words that carry it. This page says how they
are found and how faithful they are to the model. It is written by `tools/evidence.py`.

## How it is found
The score of a label is a weighted sum of scores of the whole text, of its best segments and of phrases ([How it
works](how-it-works.md)), and each of these is a sum over words. So each word's share is no estimate: the shares of
all words, and what the model says without any words, add up to the label's log-odds exactly (`contributions.py`; a
test holds them against the probabilities, and what is said without words against the parts of the model).

The log-odds are those of the label against all others. These count as likely as they are among themselves, so words
that speak for a likely rival count against the label more than words that speak for an unlikely one.

Evidence is the shortest run of up to 24 words whose removal should leave the label less likely than not, by a
log-odds of 1; where no run is enough, it is the shortest with 85 % of what the best run adds (`evidence.py`). Both
numbers were chosen on training texts. A label that says that there is nothing (`none`) has no evidence, nor has one
that no words speak for.

Offsets and lengths are in characters (code points) of the text as it is written, which with `--redact` is the masked
one.

## How faithful it is
A label is *gone* if the model gives another one when the words are deleted (with everything between them); it is
*kept* if the model gives it for these words alone. Beside evidence stand *random* spans of as many words, from
anywhere in the same text ({draws} for each), and *leave-one-out*: the same rule, with the share of a word measured as
the difference that it makes to delete it, for which a text has to be scored once for each of its words.
"""


def main() -> None:
    """Measure, write, or with --check only compare."""
    if "--measure" in sys.argv:
        FILE.write_text(json.dumps(measure(), indent=1) + "\n", encoding="utf-8")
    page, path = rendered(json.loads(FILE.read_text(encoding="utf-8"))), FILE.with_suffix(".md")
    if "--check" in sys.argv:
        same = path.read_text(encoding="utf-8") == page
        sys.exit(None if same else f"{path}: not what tools/evidence.py writes; run it")
    path.write_text(page, encoding="utf-8")


def measure() -> dict[str, Any]:
    """Figures of the shipped model on the held-out texts."""
    classifier, rng = feedbackclf.load(), np.random.default_rng(0)
    texts = [json.loads(line)["text"] for line in HELD_OUT.read_text(encoding="utf-8").splitlines()]
    explained = [found for text in texts if len((found := classifier.explain(text)).text.split()) >= SHORTEST]
    cases = [(found, name) for found in explained for name, head in found.heads.items() if head.evidence is not None]
    runs = {"evidence": [_words_of(found.heads[name]) for found, name in cases]}
    sizes = [stop - start for start, stop in runs["evidence"]]
    shares = {id(found): _leave_one_out(classifier, found) for found in explained}
    runs["leave-one-out"] = [_best_run(shares[id(found)][name], found.heads[name].log_odds) for found, name in cases]
    spans = {
        kind: [_span(found, name, *run) for (found, name), run in zip(cases, runs[kind], strict=True)] for kind in runs
    }
    gone = {kind: _gone(classifier, cases, spans[kind]) for kind in runs}
    kept = {kind: ~_gone(classifier, cases, spans[kind], alone=True) for kind in runs}
    gone["random"], kept["random"] = np.zeros(len(cases)), np.zeros(len(cases))
    for _ in range(DRAWS):
        begins = [int(rng.integers(0, len(f.heads[n].words) - s + 1)) for (f, n), s in zip(cases, sizes, strict=True)]
        drawn = [_span(f, n, begin, begin + size) for (f, n), begin, size in zip(cases, begins, sizes, strict=True)]
        gone["random"] += _gone(classifier, cases, drawn) / DRAWS
        kept["random"] += ~_gone(classifier, cases, drawn, alone=True) / DRAWS
    dimensions = {head.name for head in classifier.model_.taxonomy.dimensions}
    names = np.array([name for _, name in cases])
    groups = {"all": np.ones(len(cases), bool), "dimensions": np.isin(names, sorted(dimensions))}
    groups |= {head.name: names == head.name for head in classifier.model_.taxonomy.heads}
    heads = {}
    for name, rows in groups.items():
        heads[name] = {"spans": int(rows.sum()), "words": round(float(np.mean(np.array(sizes)[rows])), 2)}
        for kind in ("evidence", "random", "leave-one-out"):
            heads[name][kind] = {"gone": _mean(gone[kind][rows]), "kept": _mean(kept[kind][rows])}
        heads[name]["leave-one-out"]["words"] = _mean(np.array([b - a for a, b in runs["leave-one-out"]])[rows])
    array = pa.array(texts)
    seconds = {kind: min(_seconds(classifier, array, evidence) for _ in range(3)) for kind, evidence in _KINDS}
    return {"texts": len(explained), "shortest": SHORTEST, "draws": DRAWS, "heads": heads, "seconds": seconds}


_KINDS = (("labels", False), ("with evidence", True))


def _seconds(classifier: feedbackclf.FeedbackClassifier, texts: pa.Array, evidence: bool) -> float:
    started = time.perf_counter()
    classifier.label(texts, evidence=evidence)
    return round((time.perf_counter() - started) / len(texts) * 1000, 4)


def _mean(values: NDArray[Any]) -> float:
    return round(float(np.mean(values)), 4)


def _words_of(head: LabelExplanation) -> tuple[int, int]:
    """The first word of the evidence, and the one behind its last."""
    assert head.evidence is not None
    span = head.evidence
    inside = [n for n, word in enumerate(head.words) if word.start < span.end and span.start < word.end]
    return inside[0], inside[-1] + 1


def _span(found: Explanation, name: str, start: int, stop: int) -> tuple[int, int]:
    words = found.heads[name].words
    return words[start].start, words[stop - 1].end


def _gone(
    classifier: feedbackclf.FeedbackClassifier,
    cases: Sequence[tuple[Explanation, str]],
    spans: Sequence[tuple[int, int]],
    *,
    alone: bool = False,
) -> NDArray[np.bool_]:
    """Whether each label is another one without its span, or with nothing but that."""
    texts = [
        found.text[a:b] if alone else found.text[:a] + found.text[b:]
        for (found, _), (a, b) in zip(cases, spans, strict=True)
    ]
    codes = pa.array([found.prediction.language for found, _ in cases])
    labels = classifier.label(pa.array(texts), codes).to_pydict()
    return np.array([labels[name][row] != found.heads[name].label for row, (found, name) in enumerate(cases)])


def _leave_one_out(classifier: feedbackclf.FeedbackClassifier, found: Explanation) -> dict[str, list[float]]:
    """By head, by how much the log-odds of the label fall when each word is deleted."""
    if not found.heads:
        return {}
    words = next(iter(found.heads.values())).words
    texts = [found.text[: word.start] + found.text[word.end :] for word in words]
    languages = pa.array([found.prediction.language] * len(texts))
    answers = classifier.engine_.answer(pa.array(texts), languages).heads
    falls = {}
    for name, head in found.heads.items():
        label = classifier.model_.taxonomy.head(name).labels.index(head.label)
        p = np.clip(answers.of(name).probabilities[:, label], 1e-12, 1 - 1e-12)
        falls[name] = (head.log_odds - np.log(p / (1 - p))).tolist()
    return falls


def _best_run(shares: Sequence[float], log_odds: float) -> tuple[int, int]:
    """The run that `feedbackclf.evidence` would choose with these shares."""
    from feedbackclf.evidence import DOUBT, LONGEST, MOST

    total = np.concatenate([[0.0], np.cumsum(shares)])
    best = []
    for size in range(1, min(LONGEST, len(shares)) + 1):
        sums = total[size:] - total[:-size]
        best.append((float(sums.max()), int(sums.argmax()), size))
    most = max(best)[0]
    wanted = log_odds + DOUBT if most >= log_odds + DOUBT else MOST * most
    _, start, size = next(run for run in best if run[0] >= wanted)
    return start, start + size


def rendered(figures: Mapping[str, Any]) -> str:
    """The page."""
    heads, seconds = figures["heads"], figures["seconds"]
    ratio = heads["all"]["evidence"]["gone"] / heads["all"]["random"]["gone"]
    lines = [
        ABOUT.format(draws=figures["draws"]),
        f"The labels of {figures['texts']:,} held-out texts of at least {figures['shortest']} words. In all, the label",
        f"is gone {ratio:.1f} times as often without its evidence as without a random span.",
        "",
        "| head | spans | words | gone without evidence | … without a random span | … leave-one-out (words) "
        "| kept by evidence alone | … by a random span | … leave-one-out |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, head in heads.items():
        one, two, three = head["evidence"], head["random"], head["leave-one-out"]
        lines.append(
            f"| {name} | {head['spans']:,} | {head['words']:.1f} | {one['gone']:.1%} | {two['gone']:.1%} "
            f"| {three['gone']:.1%} ({three['words']:.1f}) "
            f"| {one['kept']:.1%} | {two['kept']:.1%} | {three['kept']:.1%} |"
        )
    lines += [
        "",
        "A sentiment is seldom said only once, which is why deleting one span changes it less often than it changes",
        "what is said of a dimension.",
        "",
        f"Labels alone take {seconds['labels']:.3f} ms a text on one core when the memory knows the words, with",
        f"evidence {seconds['with evidence']:.3f} ms.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
