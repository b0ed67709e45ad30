"""The card of a model: what it is for, what it was made from, how good it is, and where it is not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from feedbackclf.evaluation import ALL
from feedbackclf.model import Model

HELD_OUT, CROSS_VALIDATION, CORPORA_ONLY = "held_out", "cross_validation", "corpora_only"
_TITLES = {
    HELD_OUT: "On held-out feedback",
    CROSS_VALIDATION: "Cross-validated on its training data",
    CORPORA_ONLY: "For comparison: a model of corpora/ alone, on the held-out feedback",
}


def model_card(model: Model, metrics: Mapping[str, Any], name: str) -> str:
    """A card in Markdown.

    Args:
        metrics: evaluation reports under `cross_validation` and, where there are such, `held_out` and `corpora_only`.
        name: of the model.
    """
    taxonomy = model.taxonomy
    dimensions = ", ".join(head.name for head in taxonomy.dimensions)
    choices = ", ".join(head.name for head in taxonomy.choices)
    parts = [
        f"# Model `{name}`",
        f"Tags customer feedback in {', '.join(taxonomy.languages)} with the dimensions {dimensions}, "
        f"and with {choices}. Made for aggregated analysis of feedback, not for decisions about single customers or "
        "employees.",
        "## Data",
        _data(model),
        "The labels of the annotated and authored texts are those of a large language model as the reader, not of "
        "people. Two of its independent readings of a test set agree at F1 0.95 to 0.99 per dimension, which is the "
        "consistency of one kind of reader. The authored texts are synthetic.",
        *[figures(metrics[kind], title) for kind, title in _TITLES.items() if kind in metrics],
        "## Limits",
        "- Prevalence in training is not that of any real dump: half of the annotated texts are negative on purpose.\n"
        "- Irony, thanks that are requests and rudeness meant as charm are often read literally.\n"
        "- A text in none of the languages is `und`; it still gets labels, and they mean little.\n"
        "- Cross-validated figures are on texts from the same sources as the training data; expect less on others.\n"
        "- Features are hashed: no word of a customer stands in the model's files.",
    ]
    return "\n\n".join(parts) + "\n"


def figures(report: Mapping[str, Any], title: str) -> str:
    """Tables of a report: means per language, then each head over all languages."""
    lines = [f"## {title} ({report['rows']:,} texts)", "", summary_table(report)]
    if "languages" in report:
        told = ", ".join(f"{code} {_cell(row['accuracy'])}" for code, row in report["languages"].items())
        lines += ["", f"Language told right: {told}."]
    lines += ["", "| dimension | precision | recall | F1 (95 % interval) | polarity right | calibration error |"]
    lines.append("|---|---|---|---|---|---|")
    heads = {name: groups[ALL] for name, groups in report["heads"].items() if ALL in groups}
    for name, head in heads.items():
        if "f1" in head:
            interval = f"{_cell(head['f1']['value'])} ({_cell(head['f1']['low'])}–{_cell(head['f1']['high'])})"
            cells = [_cell(head[key]["value"]) for key in ("precision", "recall")]
            right = _cell(head["polarity_accuracy"]["value"])
            lines.append(
                f"| {name} | {' | '.join(cells)} | {interval} | {right} | {_cell(head['calibration_error'])} |"
            )
    lines += ["", "| head | accuracy (95 % interval) | macro F1 | calibration error |", "|---|---|---|---|"]
    for name, head in heads.items():
        if "accuracy" in head:
            share = head["accuracy"]
            interval = f"{_cell(share['value'])} ({_cell(share['low'])}–{_cell(share['high'])})"
            lines.append(f"| {name} | {interval} | {_cell(head['macro_f1'])} | {_cell(head['calibration_error'])} |")
    return "\n".join(lines)


def summary_table(report: Mapping[str, Any]) -> str:
    """Means over heads, a column for all languages and for each."""
    summary = report["summary"]
    lines = ["| | " + " | ".join(summary) + " |", "|---|" + "---|" * len(summary)]
    for name in summary[ALL]:
        cells = [_cell(summary[group].get(name)) for group in summary]
        lines.append(f"| {name.replace('_f1', ' F1').replace('_', ' ')} | {' | '.join(cells)} |")
    return "\n".join(lines)


def head_figures(report: Mapping[str, Any]) -> str:
    """A table with a row per head, label and language: precision, recall, F1 with its interval, and support."""
    lines = ["", "| head | label | language | precision | recall | F1 (95 % interval) | support |", "|" + "---|" * 7]
    for name, groups in report["heads"].items():
        for language, part in groups.items():
            labels = part["labels"] if "labels" in part else {"mentioned": {**part, "support": part["mentioned"]}}
            for label, row in labels.items():
                interval = f"{_cell(row['f1']['value'])} ({_cell(row['f1']['low'])}–{_cell(row['f1']['high'])})"
                cells = [name, label, language, _cell(row["precision"]["value"]), _cell(row["recall"]["value"])]
                lines.append(f"| {' | '.join([*cells, interval, str(row['support'])])} |")
    return "\n".join(lines)


def _data(model: Model) -> str:
    rows = model.about.get("rows", {})
    meanings = {
        "examples": "texts labelled with care, on which it is calibrated and cross-validated",
        "extra": "further texts labelled with care, which only teach",
        "weak": "texts with rough labels (stars, aspects), learned as columns of their own",
        "languages": "texts in other languages, to learn what is none of ours",
    }
    lines = [f"- {rows[name]:,} {meaning}" for name, meaning in meanings.items() if rows.get(name)]
    files = [f"`{name}` ({facts['rows']:,} rows)" for name, facts in model.about.get("data", {}).items()]
    return "\n".join([*lines, *([f"\nFiles: {', '.join(files)}."] if files else [])])


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
