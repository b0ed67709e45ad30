"""The pages of `docs/accuracy/`, from figures."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from feedbackclf.model_card import figures, head_figures

NAMES = {"nl": "Dutch", "da": "Danish", "sv": "Swedish", "en": "English"}
OWN = "feedbackclf"
ROWS = {
    "mentioned_f1": "mentioned, mean F1",
    "signed_f1": "signed, mean F1",
    "sentiment_accuracy": "sentiment, accuracy",
}


def overview(results: Mapping[str, Any]) -> str:
    """The front page: beside other tools, translations, SweReC, calibration."""
    n = results["rows"]
    parts = [
        "# How accurate it is",
        f"Written by `make accuracy` from {n:,} held-out texts (`annotated.dev`), of which no model here has seen "
        "any. Each language "
        "has a page: "
        + ", ".join(f"[{name}]({code}.md)" for code, name in NAMES.items())
        + ". What the model gets wrong capability by "
        "capability is in [behaviour.md](behaviour.md), what was tried to get here in "
        "[experiments.md](../experiments.md).",
        "## Beside other tools",
        "All learned the same labelled texts (the annotated ones and the corpus of this project). The reference is "
        "TF-IDF of words, pairs "
        "and character n-grams with logistic regression, on the text and on its highest sentence, stacked; thresholds "
        "out of "
        "fold. fastText has pairs and character n-grams. Only feedbackclf also learns from other reviews.",
        _beside(results["tools"]),
        "## The same sentence in four languages",
        _consistency(results["consistency"]),
        "## Swedish reviews with stars (SweReC)",
        _swerec(results["swerec"]),
        "## What more labels would buy",
        "Models that learned a share of the annotated texts and the corpus of this project, and nothing from other "
        "reviews; F1, of choices "
        "the mean over labels.",
        _curve(results["learning_curve"]),
        "## Calibration",
        "Expected calibration error over ten bins, per head and language. A few hundred texts give an error above "
        "zero even to "
        "probabilities that are exactly right: the number in brackets is what those would show on average.",
        _calibration(results["calibration"]),
        "The same, cross-validated on the annotated texts, of which there are enough:",
        _cross_validated(results["calibration_cv"]),
        "## Which labels are left empty",
        "`predict --min-confidence X`: share of labels that are kept, and how many of those are right (all heads "
        "together).",
        _kept(results["kept"]),
    ]
    return "\n\n".join(parts) + "\n"


def language_page(code: str, results: Mapping[str, Any], remarks: str) -> str:
    """The page of one language."""
    part = results["languages"][code]
    n = part["report"]["rows"]
    parts = [
        f"# Accuracy on {NAMES[code]}",
        f"{n:,} held-out texts. Intervals are 95 % bootstrap intervals. Written by `make accuracy`.",
        figures(part["report"], "As shipped").replace("## As shipped", "## Figures"),
        head_figures(part["report"]),
        "## Precision, recall and reliability",
        f"![Precision, recall and reliability]({code}.svg)",
        "## Polarity",
        "All dimensions together: how often a dimension with the polarity of the row was given that of the column.",
        _confusion(part["polarity"]),
        "## Where it goes wrong",
        _profile(part["errors"]),
        remarks.strip(),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def behaviour_page(
    rates: Mapping[str, Mapping[str, Sequence[int]]], ceilings: Mapping[str, Mapping[str, float]]
) -> str:
    """Failure rates by capability and language.

    Args:
        rates: by capability and language, failures and cases.
        ceilings: the failure rate that the tests allow.
    """
    codes = list(NAMES)
    lines = [
        "# Behaviour",
        "",
        "What the shipped model gets wrong on short made-up texts, capability by capability (after CheckList, Ribeiro "
        "et al., 2020). "
        "The cases are in `tests/behaviour/`, and the tests fail if a rate exceeds its ceiling, which stands in "
        "brackets. A case is wrong "
        "if any label that it names is. Written by `make accuracy`.",
        "",
        "| capability | " + " | ".join(NAMES[code] for code in codes) + " | cases per language |",
        "|---|" + "---|" * (len(codes) + 1),
    ]
    for capability, by_code in rates.items():
        cells = [f"{by_code[c][0] / by_code[c][1]:.0%} ({ceilings[capability][c]:.0%})" for c in codes]
        lines.append(f"| {capability} | {' | '.join(cells)} | {by_code[codes[0]][1]} |")
    return "\n".join(lines) + "\n"


def _beside(tools: Mapping[str, Any]) -> str:
    codes = ["all", *NAMES]
    lines = ["| | | " + " | ".join(codes) + " |", "|---|---|" + "---|" * len(codes)]
    for key, title in ROWS.items():
        for tool, summary in tools.items():
            cells = [_cell(summary[code][key]) for code in codes]
            lines.append(f"| {title} | {tool} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _consistency(found: Mapping[str, Any]) -> str:
    lines = [
        f"{found['sentences']:,} sentences of M-ABSA's development split, English and machine-translated into the "
        "three others, which the "
        "shipped model has learned no labels from. *All four* is the share that gets one label in all languages, "
        "*pairs* "
        "the mean over pairs of languages, *if mentioned* the share of one label throughout among those that mention "
        "the "
        "dimension in some language.",
        "",
        "| head | all four | pairs | if mentioned |",
        "|---|---|---|---|",
    ]
    for name, row in found["heads"].items():
        lines.append(f"| {name} | {_cell(row['all'])} | {_cell(row['pairs'])} | {_cell(row.get('all_of_mentioned'))} |")
    return "\n".join(lines)


def _swerec(found: Mapping[str, Any]) -> str:
    lines = [
        f"Three classes from stars, {found['asked']:,} reviews without near-duplicates among those learned from; "
        "Matthews correlation × 100. "
        "The published encoders were fine-tuned on 1,024 reviews of the same source; their test reviews are not the "
        "same ones.",
        "",
        "| | MCC × 100 |",
        "|---|---|",
    ]
    lines += [f"| feedbackclf, {name} | {100 * value:.1f} |" for name, value in found["ours"].items()]
    lines += [f"| {name} (published) | {value:.1f} |" for name, value in found["published"].items()]
    return "\n".join(lines)


def _curve(rows: Sequence[Mapping[str, float]]) -> str:
    names = list(rows[0])[1:]
    lines = ["| texts | " + " | ".join(name.replace("_f1", "") for name in names) + " |", "|---|" + "---|" * len(names)]
    lines += [f"| {row['texts']:,} | {' | '.join(_cell(row[name]) for name in names)} |" for row in rows]
    return "\n".join(lines)


def _calibration(found: Mapping[str, Mapping[str, Sequence[float]]]) -> str:
    codes = ["all", *NAMES]
    lines = ["| head | " + " | ".join(codes) + " |", "|---|" + "---|" * len(codes)]
    for head, by_code in found.items():
        cells = [f"{by_code[code][0]:.3f} ({by_code[code][1]:.3f})" for code in codes]
        lines.append(f"| {head} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cross_validated(found: Mapping[str, Mapping[str, float]]) -> str:
    codes = ["all", *NAMES]
    lines = ["| head | " + " | ".join(codes) + " |", "|---|" + "---|" * len(codes)]
    lines += [f"| {head} | {' | '.join(_cell(by_code[code]) for code in codes)} |" for head, by_code in found.items()]
    return "\n".join(lines)


def _kept(found: Mapping[str, Sequence[float]]) -> str:
    lines = ["| X | kept | right among the kept |", "|---|---|---|"]
    lines += [f"| {least} | {kept:.1%} | {right:.1%} |" for least, (kept, right) in found.items()]
    return "\n".join(lines)


def _confusion(table: Mapping[str, Mapping[str, int]]) -> str:
    labels = list(table)
    lines = ["| | " + " | ".join(labels) + " |", "|---|" + "---|" * len(labels)]
    lines += [f"| **{gold}** | {' | '.join(f'{table[gold][given]:,}' for given in labels)} |" for gold in labels]
    return "\n".join(lines)


def _profile(errors: Mapping[str, Mapping[str, Any]]) -> str:
    lines = [
        "Among the texts of which a dimension was missed or made up, and of the others: words (median), share with a "
        "word of contrast, "
        "and share of mixed sentiment.",
        "",
        "| dimension | missed | made up | words, wrong | words, right | contrast, wrong | contrast, right | mixed, "
        "wrong | mixed, right |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, row in errors.items():
        wrong, right = row["wrong"], row["right"]
        cells = [f"{row['missed']}", f"{row['made_up']}", f"{wrong['words']:.0f}", f"{right['words']:.0f}"]
        cells += [f"{part[key]:.0%}" for key in ("contrast", "mixed") for part in (wrong, right)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
