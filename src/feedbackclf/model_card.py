"""The card of a model: what it is for, what it was made from, how good it is, and where it is not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from feedbackclf.evaluation import ALL
from feedbackclf.model import Model

HELD_OUT, CROSS_VALIDATION, CORPORA_ONLY = "held_out", "cross_validation", "corpora_only"
_TITLES = {
    HELD_OUT: "On held-out feedback",
    CROSS_VALIDATION: "Cross-validated on its training data",
    CORPORA_ONLY: "For comparison: a model of corpora/ alone (`make model-corpora`), on the held-out feedback",
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
        *model.about.get("remarks", []),
        *[figures(metrics[kind], title) for kind, title in _TITLES.items() if kind in metrics],
        "## Limits",
        "- Irony, thanks that are requests and rudeness meant as charm are often read literally.\n"
        "- A text in none of the languages is `und`; it still gets labels, and they mean little.\n"
        "- Cross-validated figures are on texts from the same sources as the training data; expect less on others.\n"
        "- Features are hashed: no word of a customer stands in the model's files.",
    ]
    return "\n\n".join(parts) + "\n"


def figures(report: Mapping[str, Any], title: str, *, by_language: bool = False) -> str:
    """Tables of a report: the main figure of each head per language, then more of each head.

    Args:
        by_language: more of each head in each language, too.
    """
    lines = [f"## {title} ({report['rows']:,} texts)", "", summary_table(report)]
    if "languages" in report:
        told = ", ".join(f"{code} {_cell(row['accuracy'])}" for code, row in report["languages"].items())
        lines += ["", f"Language told right: {told}."]
    rows = {
        f"{name} ({group})" if group != ALL else name: part
        for name, groups in report["heads"].items()
        for group, part in groups.items()
        if by_language or group == ALL
    }
    lines += ["", "| dimension | precision | recall | F1 (95 % interval) | polarity right | calibration error |"]
    lines.append("|---|---|---|---|---|---|")
    for name, part in rows.items():
        if "f1" in part:
            cells = [_cell(part["precision"]["value"]), _cell(part["recall"]["value"]), _with_interval(part["f1"])]
            cells += [_cell(part["polarity_accuracy"]["value"]), _cell(part["calibration_error"])]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    lines += ["", "| head | accuracy (95 % interval) | macro F1 | calibration error |", "|---|---|---|---|"]
    for name, part in rows.items():
        if "accuracy" in part:
            cells = [_with_interval(part["accuracy"]), _cell(part["macro_f1"]), _cell(part["calibration_error"])]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def summary_table(report: Mapping[str, Any]) -> str:
    """A row per mean over heads and per dimension, a column for all languages and for each."""
    summary, heads = report["summary"], report["heads"]
    lines = ["| | " + " | ".join(summary) + " |", "|---|" + "---|" * len(summary)]
    for name in summary[ALL]:
        lines.append(
            _row(name.replace("_f1", " F1").replace("_", " "), [summary[group].get(name) for group in summary])
        )
        if name == "mentioned_f1":
            for head, groups in heads.items():
                if "f1" in groups.get(ALL, {}):
                    found = [groups.get(group, {}).get("f1", {}).get("value") for group in summary]
                    lines.append(_row(f"– {head} F1", found))
    return "\n".join(lines)


def head_figures(report: Mapping[str, Any]) -> str:
    """A table with a row per head, label and language: precision, recall, F1 with its interval, and support."""
    lines = ["", "| head | label | language | precision | recall | F1 (95 % interval) | support |", "|" + "---|" * 7]
    for name, groups in report["heads"].items():
        for language, part in groups.items():
            labels = part["labels"] if "labels" in part else {"mentioned": {**part, "support": part["mentioned"]}}
            for label, row in labels.items():
                cells = [name, label, language, _cell(row["precision"]["value"]), _cell(row["recall"]["value"])]
                lines.append(f"| {' | '.join([*cells, _with_interval(row['f1']), str(row['support'])])} |")
    return "\n".join(lines)


def _data(model: Model) -> str:
    rows = model.about.get("rows", {})
    meanings = {
        "examples": "texts labelled with care, on which it is calibrated and cross-validated",
        "chosen": "further ones that were chosen, and so are no sample: they teach, but are not measured on",
        "extra": "texts unlike real feedback, labelled with care, which teach less and are not measured on",
        "weak": "texts with rough labels (stars, aspects), learned as columns of their own",
        "guesses": "of these with guesses of a teacher, which teach some of the columns that careful labels do. It has "
        "seen the labels that are cross-validated, so those figures are a little too good; held-out ones are not",
        "languages": "texts of which only the language is learned; those in others teach what is none of ours",
    }
    lines = [f"- {rows[name]:,} {meaning}" for name, meaning in meanings.items() if rows.get(name)]
    if model.phrases.columns:
        lines.append(f"- a phrase network of {len(model.phrases.bias)} filters, learned apart and taken over")
    files = [f"`{name}` ({facts['rows']:,} rows)" for name, facts in model.about.get("data", {}).items()]
    return "\n".join([*lines, *([f"\nFiles: {', '.join(files)}."] if files else [])])


def _row(name: str, values: Sequence[float | None]) -> str:
    return f"| {name} | {' | '.join(map(_cell, values))} |"


def _with_interval(figure: Mapping[str, float | None]) -> str:
    return f"{_cell(figure['value'])} ({_cell(figure['low'])}–{_cell(figure['high'])})"


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
