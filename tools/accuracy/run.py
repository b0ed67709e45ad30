"""Measure the shipped model and write `docs/accuracy/`: `make accuracy`.

Usage: python -m tools.accuracy.run [--data ../shared/data] [--keep]

With --keep, what does not depend on the shipped model (other tools, SweReC, the learning curve) is taken from
`results.json` as it is, which saves half an hour.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from feedbackclf import load
from feedbackclf.classifier import FeedbackClassifier
from feedbackclf.corpus import Example, read_corpus
from feedbackclf.evaluation import ALL, report
from feedbackclf.model_card import CROSS_VALIDATION
from feedbackclf.model_folder import METRICS, resolve_model
from feedbackclf.taxonomy import Taxonomy
from tests.behaviour.cases import CAPABILITIES, LANGUAGES, ceilings, outcomes
from tools.accuracy import measure, pages, plots
from tools.accuracy.consistency import parallel_consistency
from tools.accuracy.learning_curve import learning_curve
from tools.accuracy.peers import PEERS
from tools.accuracy.rereading import agreement
from tools.accuracy.swerec import swerec
from tools.train_default import ANNOTATED, REREADINGS, read_again, read_aspects, read_further, read_json_lines

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "accuracy"
SWEREC = "stoffe"


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    data: Path = arguments.data
    if not (data / "annotated.dev.jsonl").is_file():
        sys.exit(f"{data}: the data that this is measured on is not here; nothing was done")
    FOLDER.mkdir(parents=True, exist_ok=True)
    file = FOLDER / "results.json"
    old = json.loads(file.read_text(encoding="utf-8")) if arguments.keep else None
    classifier = load()
    results = measured(classifier, data, old, arguments.jobs)
    file.write_text(json.dumps(results, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    (FOLDER / "README.md").write_text(pages.overview(results), encoding="utf-8")
    for code in LANGUAGES:
        remarks = Path(__file__).with_name("remarks") / f"{code}.md"
        page = pages.language_page(code, results, remarks.read_text(encoding="utf-8"))
        (FOLDER / f"{code}.md").write_text(page, encoding="utf-8")
    (FOLDER / "behaviour.md").write_text(pages.behaviour_page(results["behaviour"], ceilings()), encoding="utf-8")


def measured(classifier: FeedbackClassifier, data: Path, old: dict[str, Any] | None, jobs: int) -> dict[str, Any]:
    """All figures, and the pictures of each language."""
    engine, taxonomy = classifier.engine_, classifier.model_.taxonomy
    dev = read_corpus([data / "annotated.dev.jsonl"], taxonomy).examples
    answers = engine.answer(pa.array([x.text for x in dev], pa.string())).heads.by_head()
    codes = np.array([x.language for x in dev])
    languages, by_language = {}, {}
    for code in taxonomy.languages:
        rows = np.flatnonzero(codes == code)
        some, of_some = [dev[row] for row in rows], measure.take(answers, rows)
        by_language[code] = measure.calibration(some, of_some, taxonomy)
        languages[code] = {
            "report": {"rows": len(some), **_of_all(report(some, of_some, taxonomy))},
            "polarity": measure.polarity_confusion(some, of_some, taxonomy),
            "errors": measure.error_profile(some, of_some, taxonomy),
        }
        plots.draw(some, of_some, taxonomy, FOLDER / f"{code}.svg")
    by_language = {"all": measure.calibration(dev, answers, taxonomy), **by_language}
    annotated, further = read_corpus([data / ANNOTATED], taxonomy).examples, read_further(data, taxonomy)
    careful = annotated, further, read_corpus([ROOT / "corpora"], taxonomy).examples
    aspects = _not_learned(data, [*annotated, *further], taxonomy)
    own = report(dev, answers, taxonomy)["summary"]
    others, learned = (old["tools"], old["others_learned"]) if old else peers(*careful, dev, taxonomy)
    rows, language = classifier.model_.about["rows"], classifier.model_.language
    return {
        "rows": len(dev),
        "tools": {**others, pages.OWN: own},
        "others_learned": learned,
        "learned": rows["examples"] + rows["chosen"] + rows["extra"],
        "languages": languages,
        "calibration": {h.name: {code: of[h.name] for code, of in by_language.items()} for h in taxonomy.heads},
        "calibration_cv": _cross_validated(taxonomy),
        "kept": measure.kept(dev, answers, taxonomy),
        "rereading": _rereading(annotated, taxonomy),
        "consistency": parallel_consistency(aspects, engine),
        "swerec": old["swerec"] if old else swerec(*_swedish(data, taxonomy), language, jobs),
        "learning_curve": old["learning_curve"] if old else learning_curve(*careful, dev, taxonomy, language, jobs),
        "behaviour": {name: {code: _failures(classifier, code, name) for code in LANGUAGES} for name in CAPABILITIES},
    }


def _not_learned(data: Path, careful: Sequence[Example], taxonomy: Taxonomy) -> list[Example]:
    """The sentences of M-ABSA's development split of which no translation is among those labelled with care."""
    aspects = list(read_aspects([data / f"mabsa.{code}.jsonl.gz" for code in taxonomy.languages], "dev"))
    learned = {x.text for x in careful}
    groups = {x.group for x in aspects if x.text in learned}
    return [x for x in aspects if x.group not in groups]


def _of_all(figures: dict[str, Any]) -> dict[str, Any]:
    """A report without the figures of each language, which are those of all if there is only one."""
    heads = {name: {ALL: groups[ALL]} for name, groups in figures["heads"].items()}
    return {"summary": {ALL: figures["summary"][ALL]}, "heads": heads}


def _cross_validated(taxonomy: Taxonomy) -> dict[str, dict[str, float]]:
    """The calibration errors of the shipped model on texts that it was cross-validated on, by head and language."""
    figures = json.loads((resolve_model("default") / METRICS).read_text(encoding="utf-8"))[CROSS_VALIDATION]["heads"]
    return {h.name: {code: row["calibration_error"] for code, row in figures[h.name].items()} for h in taxonomy.heads}


def _rereading(annotated: Sequence[Example], taxonomy: Taxonomy) -> dict[str, Any]:
    first = {x.text: x for x in annotated}
    again = read_again(annotated, REREADINGS, taxonomy)
    return agreement([first[x.text] for x in again], again, taxonomy)


def peers(
    annotated: Sequence[Example],
    further: Sequence[Example],
    extra: Sequence[Example],
    dev: Sequence[Example],
    taxonomy: Taxonomy,
) -> tuple[dict[str, Any], int]:
    """The main figures of other tools, for all texts and by language, and how many texts they learned from."""
    complete = [x for x in further if len(x.labels) == len(taxonomy.heads)]  # they need a label for every head
    learned, sizes = [*annotated, *complete, *extra], (len(annotated), len(annotated) + len(complete))
    found = {}
    for name, peer in PEERS.items():
        print(f"learning {name}", file=sys.stderr, flush=True)
        given = peer(learned, sizes, dev, taxonomy)
        narrow = Taxonomy(taxonomy.name, taxonomy.languages, tuple(h for h in taxonomy.heads if h.name in given))
        found[name] = report(dev, given, narrow)["summary"]
    return found, len(learned)


def _swedish(data: Path, taxonomy: Taxonomy) -> tuple[list[Example], list[Example], list[Example]]:
    """Labelled texts and reviews with stars that are not of the source of SweReC, and the reviews that are."""
    reviews = [data / f"reviews.{code}.jsonl.gz" for code in taxonomy.languages]
    labelled = data / ANNOTATED
    theirs = {
        record["text"]
        for file in (labelled, *reviews)
        for record in read_json_lines(file)
        if record["source"] == SWEREC
    }
    every = read_corpus(reviews, taxonomy).examples
    care = [x for x in read_corpus([labelled], taxonomy).examples if x.text not in theirs]
    return care, [x for x in every if x.text not in theirs], [x for x in every if x.text in theirs]


def _failures(classifier: FeedbackClassifier, code: str, capability: str) -> tuple[int, int]:
    found = outcomes(classifier, code, capability)
    return sum(not right for _, right in found), len(found)


if __name__ == "__main__":
    main()
