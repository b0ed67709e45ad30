"""Fine-tune the teacher (see `tools/teacher/teacher.py`); some forty minutes on two cores.

Usage: python tools/teacher/train.py teacher.pt [--data ../shared/data] [--epochs 3]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import torch
from sklearn.metrics import f1_score
from teacher import Teacher, fine_tune

from feedbackclf.corpus import Example, read_corpus
from feedbackclf.taxonomy import Taxonomy, default_taxonomy


def main() -> None:
    """Read, fine-tune, print figures on the development set after each epoch, write the weights."""
    root = Path(__file__).parents[2]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path)
    parser.add_argument("--data", type=Path, default=root.parent / "shared" / "data")
    parser.add_argument("--epochs", type=int, default=3)
    arguments = parser.parse_args()
    torch.set_num_threads(2)
    taxonomy = default_taxonomy()
    examples = read_corpus([arguments.data / "annotated.train.jsonl", root / "corpora"], taxonomy).examples
    dev = read_corpus([arguments.data / "annotated.dev.jsonl"], taxonomy).examples
    teacher = Teacher(taxonomy)

    def after_epoch(epoch: int) -> None:
        say(f"after epoch {epoch + 1}: {figures(teacher, dev, taxonomy)}")
        torch.save(teacher.state_dict(), arguments.output)

    fine_tune(teacher, examples, taxonomy, epochs=arguments.epochs, seed=0, say=say, after_epoch=after_epoch)


def figures(teacher: Teacher, dev: list[Example], taxonomy: Taxonomy) -> str:
    """F1 of "mentioned" at one half, and accuracy of choices."""
    answers = np.zeros((len(dev), 0), np.float32)
    for places, found in teacher.answers([example.text for example in dev]):
        if not answers.shape[1]:
            answers = np.zeros((len(dev), found.shape[1]), np.float32)
        answers[places] = found
    shown, column = [], 0
    for head in taxonomy.dimensions:
        gold = [example.labels[head.name] != "none" for example in dev]
        shown.append(f"{head.name} {f1_score(gold, answers[:, column] > 0):.3f}")
        column += 3
    for head in taxonomy.choices:
        gold_labels = np.array([example.label_index(head) for example in dev])
        given = answers[:, column : column + len(head.labels)].argmax(axis=1)
        shown.append(f"{head.name} {np.mean(given == gold_labels):.3f}")
        column += len(head.labels)
    return ", ".join(shown)


def say(message: str) -> None:
    """Progress goes to stderr."""
    print(message, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
