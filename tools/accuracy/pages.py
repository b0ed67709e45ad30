"""The pages of `docs/accuracy/`, from figures."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from benchmarks.markdown import table
from feedbackclf.model_card import figures, head_figures

NAMES = {"nl": "Dutch", "da": "Danish", "sv": "Swedish", "en": "English"}
GROUPS = ("all", *NAMES)
OWN = "feedbackclf"
BESIDE = {
    "mentioned_f1": "mentioned, mean F1",
    "signed_f1": "signed, mean F1",
    "sentiment_accuracy": "sentiment, accuracy",
}


def overview(results: Mapping[str, Any]) -> str:
    """The front page: beside other tools, translations, SweReC, labels against quality, calibration."""
    consistency, swerec, reread = results["consistency"], results["swerec"], results["rereading"]
    pages = ", ".join(f"[{name}]({code}.md)" for code, name in NAMES.items())
    parts = [
        "# How accurate it is",
        f"Written by `make accuracy` from {results['rows']:,} held-out texts (`annotated.dev`), none of which a model "
        f"here has learned from. Each language has a page: {pages}. What goes wrong capability by capability is in "
        "[behaviour.md](behaviour.md), what was tried to get here in [experiments.md](../experiments.md).",
        "## Beside other tools",
        f"The other tools learned {results['others_learned']:,} of the {results['learned']:,} texts with careful "
        "labels that feedbackclf learned: annotated ones, further reviews, and the corpus of this project. The "
        "reference is TF-IDF of words, pairs and character n-grams with logistic regression, on the text and on its "
        "highest sentence, stacked, with thresholds out of fold. fastText has pairs and character n-grams. Only "
        "feedbackclf also learns from other reviews.",
        _beside(results["tools"]),
        "## Two readings of the same texts",
        f"{reread['texts']:,} of the annotated texts were hidden among the reviews that were read for further labels. "
        "How often a text has one label in both readings, and F1: of what is mentioned, and of choices the mean over "
        "labels, with the first reading for the truth. A model that learns such labels can hardly be expected to do "
        "much better. Both readers were large language models.",
        table(
            ("", "the same label", "F1"),
            [(name, _cell(row["same"]), _cell(row["f1"])) for name, row in reread["heads"].items()],
        ),
        "## The same sentence in four languages",
        f"{consistency['sentences']:,} sentences of M-ABSA's development split, English and machine-translated into "
        "the three others, without those that the shipped model has learned labels of. *All four* is the share that "
        "gets one label in all languages, *pairs* the mean over pairs of languages, *if mentioned* the share of one "
        "label throughout among the sentences that mention the dimension in some language.",
        _consistency(consistency["heads"]),
        "## Swedish reviews with stars (SweReC)",
        f"Three classes from stars, {swerec['asked']:,} reviews without near-duplicates among those learned from; "
        "Matthews correlation × 100. The published encoders were fine-tuned on 1,024 reviews of the same source, and "
        "their test reviews are not the same ones.",
        _swerec(swerec),
        "## What more labels would buy",
        "Models that learned a share of the texts labelled with care, and the corpus of this project, but nothing from "
        "other reviews. F1; of choices the mean over labels.",
        _curve(results["learning_curve"]),
        "## Calibration",
        "Expected calibration error over ten bins, per head and language. A few hundred texts give an error above "
        "zero even to probabilities that are exactly right: the number in brackets is what those would show on "
        "average.",
        _by_group(results["calibration"], lambda pair: f"{pair[0]:.3f} ({pair[1]:.3f})"),
        "The same, cross-validated on the annotated texts, of which there are enough:",
        _by_group(results["calibration_cv"], _cell),
        "## Which labels are left empty",
        "`predict --min-confidence X`: the share of labels that is kept, and how many of those are right, all heads "
        "together.",
        table(
            ("X", "kept", "right among the kept"),
            [(least, f"{kept:.1%}", f"{right:.1%}") for least, (kept, right) in results["kept"].items()],
        ),
    ]
    return "\n\n".join(parts) + "\n"


def language_page(code: str, results: Mapping[str, Any], remarks: str) -> str:
    """The page of one language."""
    part = results["languages"][code]
    parts = [
        f"# Accuracy on {NAMES[code]}",
        "Held-out texts. Intervals are 95 % bootstrap intervals. Written by `make accuracy`.",
        figures(part["report"], "Figures"),
        head_figures(part["report"]).strip(),
        "## Precision, recall and reliability",
        f"![Precision and recall of each dimension, and reliability of probabilities]({code}.svg)",
        "## Polarity",
        "All dimensions together: how often a dimension with the polarity of the row was given that of the column.",
        _confusion(part["polarity"]),
        "## Where it goes wrong",
        "Among the texts of which a dimension was missed or made up, and among the others: words (median), share "
        "with a word of contrast, share of mixed sentiment.",
        _profile(part["errors"]),
        remarks.strip(),
    ]
    return "\n\n".join(parts) + "\n"


def behaviour_page(
    rates: Mapping[str, Mapping[str, Sequence[int]]], ceilings: Mapping[str, Mapping[str, float]]
) -> str:
    """Failure rates by capability and language.

    Args:
        rates: by capability and language, failures and cases.
        ceilings: the failure rate that the tests allow.
    """
    rows = []
    for name, by_code in rates.items():
        shares = {code: wrong / cases for code, (wrong, cases) in by_code.items()}
        cells = [f"{shares[code]:.0%} ({ceilings[name][code]:.0%})" for code in NAMES]
        rows.append((name, *cells, str(by_code["nl"][1])))
    parts = [
        "# Behaviour",
        "What the shipped model gets wrong on short made-up texts, capability by capability (after CheckList, "
        "Ribeiro et al., 2020). The cases are in `tests/behaviour/`. A case is wrong if any label that it names is. "
        "The tests fail if a rate exceeds its ceiling, which stands in brackets. Written by `make accuracy`.",
        table(("capability", *NAMES.values(), "cases per language"), rows),
        "The corpus that the model learns from has remarks of the same kinds (negation, thanks in a request, "
        "rudeness as charm), in other words; no case is a text of it.",
    ]
    return "\n\n".join(parts) + "\n"


def _beside(tools: Mapping[str, Any]) -> str:
    rows = [
        (title, tool, *(_cell(summary[group][key]) for group in GROUPS))
        for key, title in BESIDE.items()
        for tool, summary in tools.items()
    ]
    return table(("", "", *GROUPS), rows)


def _consistency(heads: Mapping[str, Mapping[str, float]]) -> str:
    keys = ("all", "pairs", "all_of_mentioned")
    rows = [(name, *(_cell(row.get(key)) for key in keys)) for name, row in heads.items()]
    return table(("head", "all four", "pairs", "if mentioned"), rows)


def _swerec(found: Mapping[str, Any]) -> str:
    rows = [(f"{OWN}, {name}", f"{100 * value:.1f}") for name, value in found["ours"].items()]
    rows += [(f"{name} (published)", f"{value:.1f}") for name, value in found["published"].items()]
    return table(("", "MCC × 100"), rows)


def _curve(curve: Sequence[Mapping[str, float]]) -> str:
    names = [name for name in curve[0] if name != "texts"]
    rows = [(f"{row['texts']:,}", *(_cell(row[name]) for name in names)) for row in curve]
    return table(("texts", *(name.removesuffix("_f1") for name in names)), rows)


def _by_group(found: Mapping[str, Mapping[str, Any]], cell: Callable[[Any], str]) -> str:
    rows = [(head, *(cell(by_group[group]) for group in GROUPS)) for head, by_group in found.items()]
    return table(("head", *GROUPS), rows)


def _confusion(counts: Mapping[str, Mapping[str, int]]) -> str:
    rows = [(f"**{gold}**", *(f"{n:,}" for n in given.values())) for gold, given in counts.items()]
    return table(("", *counts), rows)


def _profile(errors: Mapping[str, Mapping[str, Any]]) -> str:
    kinds = ("wrong", "right")
    rows = [
        (
            name,
            str(row["missed"]),
            str(row["made_up"]),
            *(f"{row[kind]['words']:.0f}" for kind in kinds),
            *(f"{row[kind][key]:.0%}" for key in ("contrast", "mixed") for kind in kinds),
        )
        for name, row in errors.items()
    ]
    head = [f"{what}, {kind}" for what in ("words", "contrast", "mixed") for kind in kinds]
    return table(("dimension", "missed", "made up", *head), rows)


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
