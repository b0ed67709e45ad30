"""Train the shipped model from the corpora of this project and the data that may not be part of it.

Usage: python tools/train_default.py [--data ../shared/data] [--output models/default]

What a teacher says of the reviews, and the phrase network, are read from models/teacher (`make teacher`), and so are
the labels of reviews that were read for the purpose: a large language model labelled them one by one after the
annotation guidelines. No text is in these files.

The data folder holds real feedback that may be learned from but not copied (see the model card). Without it this
script stops with a clear reason; `feedbackclf train corpora -o models/mine` needs none of it.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from feedbackclf.corpus import Example, fingerprint, read_corpus
from feedbackclf.engine import Engine
from feedbackclf.evaluation import evaluate
from feedbackclf.guesses import Guesses, text_key
from feedbackclf.learned_phrases import LearnedPhrases
from feedbackclf.model_card import CORPORA_ONLY, CROSS_VALIDATION, HELD_OUT, model_card
from feedbackclf.persistence import write_model
from feedbackclf.table_training import in_a_line
from feedbackclf.taxonomy import Taxonomy, default_taxonomy
from feedbackclf.training import TrainingData, train_model

LANGUAGES = ("nl", "da", "sv", "en")
ANNOTATED = "annotated.train.jsonl"

REMARKS = [
    "The careful labels are those of large language models as the readers, not of people; docs/accuracy says how far "
    "two readings of the same texts agree, which is the consistency of one kind of reader. The authored texts are "
    "synthetic. Prevalence in training is not that of any real dump: negative texts are more frequent than there, on "
    "purpose, and the further ones are often ones that an earlier model was unsure of."
]
COLUMN_GUESSES = 106_000
"""Columns learn from those of the first so many that are about whole texts; the phrase network learned from all."""

TEACHER = Path(__file__).parents[1] / "models" / "teacher"
READINGS = TEACHER / "readings.csv"
"""A row is the `text_key` of a review, and its label for each head; empty where it is not labelled."""
REREADINGS = TEACHER / "rereadings.csv"
"""Labels of annotated texts that were hidden among the others, to see how far two readings agree."""


def main() -> None:
    """Read, train, evaluate on the development set, write the model folder."""
    root = Path(__file__).parents[1]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=root.parent / "shared" / "data")
    parser.add_argument("--output", type=Path, default=root / "models" / "default")
    parser.add_argument("--jobs", type=int, default=2)
    arguments = parser.parse_args()
    data: Path = arguments.data
    if not (data / ANNOTATED).is_file():
        sys.exit(f"{data}: the data that the shipped model is trained on is not here; nothing was done")

    taxonomy = default_taxonomy()
    examples = read_corpus([data / ANNOTATED], taxonomy).examples
    extra = read_corpus([root / "corpora"], taxonomy).examples
    reviews = [data / f"reviews.{language}.jsonl.gz" for language in LANGUAGES]
    aspects = [data / f"mabsa.{language}.jsonl.gz" for language in LANGUAGES]
    phrases = LearnedPhrases.read(TEACHER / "phrases.npz")
    guesses = Guesses.read(TEACHER / "guesses.npz").first(COLUMN_GUESSES)
    starred = read_corpus(reviews, taxonomy).examples
    weak = [*starred, *read_aspects(aspects)]
    # Of texts that teach the heads nothing, languages may be learned.
    others = [
        *read_corpus([data / "other-languages.jsonl"], taxonomy).examples,
        *(replace(example, labels={}) for example in read_aspects(aspects, "dev")),
    ]
    files = [data / ANNOTATED, *sorted((root / "corpora").glob("*.jsonl")), *reviews, *aspects, READINGS]
    trained = train_model(
        TrainingData(
            examples,
            chosen=read_again(starred, READINGS, taxonomy),
            extra=extra,
            weak=weak,
            languages=others,
            guesses=guesses,
            phrases=phrases,
        ),
        taxonomy,
        about={
            "data": fingerprint([str(path) for path in (*files, data / "other-languages.jsonl")]),
            "remarks": REMARKS,
        },
        jobs=arguments.jobs,
        say=lambda *told: print(in_a_line(*told), file=sys.stderr, flush=True),
    )
    dev = read_corpus([data / "annotated.dev.jsonl"], taxonomy).examples
    held_out = evaluate(dev, Engine(trained.model))
    print("training on corpora/ alone, to compare", file=sys.stderr)
    alone = train_model(TrainingData(extra), taxonomy, jobs=arguments.jobs)
    everything = {
        CROSS_VALIDATION: dict(trained.metrics),
        HELD_OUT: {"data": "annotated.dev", **held_out},
        CORPORA_ONLY: {"data": "annotated.dev", **evaluate(dev, Engine(alone.model))},
    }
    card = model_card(trained.model, everything, arguments.output.name)
    write_model(trained.model, arguments.output, everything, card)
    print(json.dumps(held_out["summary"], indent=1))


def read_further(data: Path, taxonomy: Taxonomy) -> list[Example]:
    """The reviews that were read for the purpose, with the labels that they were given then."""
    reviews = [data / f"reviews.{language}.jsonl.gz" for language in LANGUAGES]
    return read_again(read_corpus(reviews, taxonomy).examples, READINGS, taxonomy)


def read_again(examples: Sequence[Example], readings: Path, taxonomy: Taxonomy) -> list[Example]:
    """Those of the examples that `readings` has labels for, each text once, with these labels.

    Raises:
        KeyError: no example has the text of a key.
    """
    by_key = {text_key(x.text): x for x in examples}
    found = []
    with readings.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            labels = {head.name: row[head.name] for head in taxonomy.heads if row[head.name]}
            found.append(replace(by_key[int(row["key"], 16)], labels=labels, rating=None))
    return found


def read_aspects(paths: Sequence[Path], split: str = "train") -> Iterator[Example]:
    """M-ABSA sentences as weakly labelled examples; a sentence and its translations are one group.

    The split `dev` is kept to measure on whether translations get the same labels (`tools/accuracy/consistency.py`).
    """
    for path in paths:
        for row, record in enumerate(read_json_lines(path), start=1):
            if record["split"] == split:
                group = f"{record['domain']}/{record['split']}/{record['line']}"
                labels = aspect_labels(record["aspects"])
                yield Example(record["text"], record["language"], labels, None, group, str(path), row)


def read_json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSONL file, gzipped or not."""
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        yield from map(json.loads, lines)


def aspect_labels(aspects: Sequence[dict[str, Any]]) -> dict[str, str]:
    """The sentiment of a sentence from the polarities of its aspects.

    Their categories are left alone: columns learned from them tell about half of what those of careful labels do,
    and would make the table a quarter wider.
    """
    polarities = {aspect["polarity"] for aspect in aspects}
    if not polarities:
        return {}
    both = {"positive", "negative"} <= polarities
    return {"sentiment": "mixed" if both else next(iter(polarities - {"neutral"}), "neutral")}


if __name__ == "__main__":
    main()
