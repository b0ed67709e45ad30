"""The teacher: an encoder with a linear answer per question, fine-tuned on texts that are labelled with care.

It is far too slow to label feedback with (some fifty reviews a second on two cores), and better than the shipped model
on what needs a sentence to be understood. `tools/teacher/label.py` has it label other reviews, from which the shipped
model learns.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from encoder import Encoder, PackedFile, encode
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from feedbackclf.columns import head_of, label_columns
from feedbackclf.corpus import Example
from feedbackclf.taxonomy import Taxonomy

N_FROZEN = 3
LONGEST = 96
BATCH = 16
LEARNING_RATE, HEAD_LEARNING_RATE = 8e-5, 1e-3
WEIGHT_DECAY = 0.01
WARM_UP = 0.06
QUESTIONS_WEIGHT, CHOICE_WEIGHT, SENTIMENT_WEIGHT = 6.0, 0.5, 1.5


class Teacher(nn.Module):
    """Answers the columns of dimensions (mentioned, praised, criticised) and the choices of a taxonomy."""

    def __init__(self, taxonomy: Taxonomy) -> None:
        super().__init__()
        self._packed = PackedFile()
        self._tokenizer = self._packed.tokenizer()
        self.encoder = Encoder(self._packed, N_FROZEN)
        self.dropout = nn.Dropout(0.1)
        hidden = self.encoder.hidden
        self.questions = nn.Linear(hidden, 3 * len(taxonomy.dimensions))
        self.choices = nn.ModuleDict({head.name: nn.Linear(hidden, len(head.labels)) for head in taxonomy.choices})

    def forward(self, x: Tensor, is_token: Tensor) -> tuple[Tensor, dict[str, Tensor]]:
        """Log-odds of the questions and logits of each choice, from what the frozen layers gave."""
        z = self.dropout(self.encoder(x, is_token))
        return self.questions(z), {name: layer(z) for name, layer in self.choices.items()}

    def tokens(self, texts: Sequence[str]) -> list[list[int]]:
        return encode(self._tokenizer, self._packed.sizes, texts, LONGEST)

    def batch(self, tokens: Sequence[Sequence[int]]) -> tuple[Tensor, Tensor]:
        """Tokens of some texts side by side, and which of them are tokens."""
        longest = max(map(len, tokens))
        ids = torch.full((len(tokens), longest), self._packed.sizes.padding)
        for row, of_text in enumerate(tokens):
            ids[row, : len(of_text)] = torch.tensor(of_text)
        lengths = torch.tensor([len(of_text) for of_text in tokens])
        return ids, torch.arange(longest)[None, :] < lengths[:, None]

    @torch.no_grad()
    def answers(self, texts: Sequence[str], batch: int = 32) -> Iterator[tuple[list[int], NDArray[np.float32]]]:
        """Texts in batches of similar length: their places, and log-odds and logits side by side."""
        self.eval()
        tokens = self.tokens(texts)
        order = sorted(range(len(tokens)), key=lambda place: len(tokens[place]))
        for start in range(0, len(order), batch):
            places = order[start : start + batch]
            ids, is_token = self.batch([tokens[place] for place in places])
            questions, choices = self(self.encoder.below(ids, is_token), is_token)
            yield places, torch.cat([questions, *choices.values()], dim=1).numpy()


@dataclass(frozen=True)
class Targets:
    """What texts should be answered: questions, shape (n, n_questions), and a label of each choice, shape (n,)."""

    questions: Tensor
    choices: Mapping[str, Tensor]

    @classmethod
    def of(cls, examples: Sequence[Example], taxonomy: Taxonomy) -> Targets:
        names = {head.name for head in taxonomy.dimensions}
        columns = [c for c in label_columns(examples, taxonomy) if head_of(c.name) in names]
        questions = torch.tensor(np.stack([c.answers for c in columns], axis=1).astype(np.float32))
        choices = {
            head.name: torch.tensor([example.label_index(head) for example in examples]) for head in taxonomy.choices
        }
        return cls(questions, choices)


def fine_tune(
    teacher: Teacher,
    examples: Sequence[Example],
    taxonomy: Taxonomy,
    *,
    epochs: int,
    seed: int,
    say: Callable[[str], None],
    after_epoch: Callable[[int], None],
) -> None:
    """Teach all heads at once, with AdamW and a learning rate that rises, then falls to nothing."""
    rng = random.Random(seed)
    torch.manual_seed(seed)
    tokens, targets = teacher.tokens([example.text for example in examples]), Targets.of(examples, taxonomy)
    say("running the frozen layers once")
    below = _below(teacher, tokens)
    heads = [*teacher.questions.parameters(), *teacher.choices.parameters()]
    body = [p for p in teacher.encoder.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(
        [{"params": body, "lr": LEARNING_RATE}, {"params": heads, "lr": HEAD_LEARNING_RATE}],
        weight_decay=WEIGHT_DECAY,
    )
    steps = epochs * (-(-len(tokens) // BATCH))
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1, step / (WARM_UP * steps)) * max(0, 1 - step / steps)
    )
    started, done, total = time.monotonic(), 0, 0.0
    for epoch in range(epochs):
        teacher.train()
        for places in _shuffled([len(of_text) for of_text in tokens], rng):
            loss = _loss(teacher, [below[place] for place in places], targets, places)
            optimizer.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([*body, *heads], 1.0)
            optimizer.step()
            schedule.step()
            done, total = done + 1, total + loss.item()
            if done % 50 == 0:
                say(f"step {done:,} of {steps:,}, {time.monotonic() - started:.0f} s, loss {total / 50:.3f}")
                total = 0.0
        after_epoch(epoch)


def _loss(teacher: Teacher, below: Sequence[Tensor], targets: Targets, places: Sequence[int]) -> Tensor:
    x = nn.utils.rnn.pad_sequence([one.float() for one in below], batch_first=True)
    is_token = torch.arange(x.shape[1])[None, :] < torch.tensor([len(one) for one in below])[:, None]
    questions, choices = teacher(x, is_token)
    loss = QUESTIONS_WEIGHT * functional.binary_cross_entropy_with_logits(questions, targets.questions[places])
    for name, logits in choices.items():
        weight = SENTIMENT_WEIGHT if name == "sentiment" else CHOICE_WEIGHT
        loss = loss + weight * functional.cross_entropy(logits, targets.choices[name][places])
    return loss


def _below(teacher: Teacher, tokens: Sequence[Sequence[int]]) -> list[Tensor]:
    """What the frozen layers say of each text, in half precision, shape (length, hidden)."""
    found: list[Tensor] = [torch.empty(0)] * len(tokens)
    order = sorted(range(len(tokens)), key=lambda place: len(tokens[place]))
    for start in range(0, len(order), 32):
        places = order[start : start + 32]
        ids, is_token = teacher.batch([tokens[place] for place in places])
        for place, one in zip(places, teacher.encoder.below(ids, is_token), strict=True):
            found[place] = one[: len(tokens[place])].half()
    return found


def _shuffled(lengths: Sequence[int], rng: random.Random) -> Iterator[list[int]]:
    """Batches of similar length in random order, so that little is padding."""
    order = list(range(len(lengths)))
    rng.shuffle(order)
    wide = BATCH * 40
    order = [
        place
        for start in range(0, len(order), wide)
        for place in sorted(order[start : start + wide], key=lambda place: lengths[place])
    ]
    batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    rng.shuffle(batches)
    yield from batches
