"""Learning the phrase network (`feedbackclf.phrases`): first in ordinary numbers with PyTorch, then rounded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import sparse
from torch import Tensor, nn
from torch.nn import functional

from feedbackclf.arrays import places_of
from feedbackclf.chunks import chunk_texts
from feedbackclf.columns import head_of
from feedbackclf.phrases import FURTHEST, LARGEST_BIAS, LARGEST_TAP, N_TAPS, PhraseNetwork
from feedbackclf.vectors import FeatureScale, feedback_counts

N_DIMS, N_FILTERS = 47, 128
EPOCHS, BATCH = 4, 64
LEARNING_RATE, WEIGHT_DECAY, WARM_UP = 2e-3, 0.01, 0.03
DROPOUT, CHUNK_DROPOUT = 0.2, 0.1
LONGEST = 256
QUESTIONS_WEIGHT, CHOICE_WEIGHT, SENTIMENT_WEIGHT, STARS_WEIGHT = 6.0, 0.5, 1.5, 0.5
N_STARS, NO_STARS = 5, -1
_OUTLIERS, _SAMPLE = 1e-5, 20_000
_LARGEST = 127


@dataclass(frozen=True)
class Chunks:
    """The different chunks of texts, each by the rules of its language.

    Attributes:
        counts: of the features of each chunk that count, shape (n_chunks, n_features).
        scale: the features that count, and how much.
        ids: the chunks of all texts, in order.
        offsets: where each text begins in `ids`, shape (n_texts + 1,).
    """

    counts: sparse.csr_matrix
    scale: FeatureScale
    ids: NDArray[np.int64]
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, texts: Sequence[str], languages: Sequence[str], scale: FeatureScale) -> Chunks:
        counts, codes, n = [], np.array(languages, dtype=object), 0
        of_text: list[NDArray[np.int64]] = [np.zeros(0, np.int64)] * len(texts)
        for language in sorted(set(languages)):
            places = np.flatnonzero(codes == language)
            chunked = chunk_texts([texts[place] for place in places])
            distinct, ids = chunked.distinct()
            counted = feedback_counts(distinct, [language] * len(distinct), scale.buckets)
            counts.append(counted.texts())
            for place, begin, end in zip(places, chunked.offsets[:-1], chunked.offsets[1:], strict=True):
                of_text[place] = ids[begin:end] + n
            n += len(distinct)
        offsets = np.cumsum([0, *map(len, of_text)])
        return cls(sparse.vstack(counts, format="csr"), scale, np.concatenate(of_text), offsets)


@dataclass(frozen=True)
class Targets:
    """What the network should say of n texts.

    Attributes:
        columns: names of the questions: three of each dimension, and each label of the choices.
        yes: probabilities, shape (n, n_columns); those of a choice's labels add up to one.
        is_known: whether there is anything to learn, shape (n, n_columns).
        stars: from 0 to 4, `NO_STARS` where there are none, shape (n,).
        weights: shape (n,).
    """

    columns: tuple[str, ...]
    yes: NDArray[np.float32]
    is_known: NDArray[np.bool_]
    stars: NDArray[np.int64]
    weights: NDArray[np.float32]

    def choices(self, dimensions: set[str]) -> dict[str, list[int]]:
        """The columns of each choice."""
        found: dict[str, list[int]] = {}
        for place, column in enumerate(self.columns):
            name = head_of(column)
            if name not in dimensions:
                found.setdefault(name, []).append(place)
        return found


class FloatNetwork(nn.Module):
    """The network in ordinary numbers; it answers with stars, too, from which the embeddings learn."""

    def __init__(self, chunks: Chunks, n_columns: int) -> None:
        super().__init__()
        vectors = chunks.scale.vectors(chunks.counts)
        self._pointer, self._features = vectors.indptr.astype(np.int64), vectors.indices.astype(np.int64)
        self._values = vectors.data.astype(np.float32)
        self.embeddings = nn.EmbeddingBag(len(chunks.scale.buckets), N_DIMS, mode="sum", sparse=True)
        nn.init.normal_(self.embeddings.weight, 0, 0.1)
        self.filters = nn.Conv1d(N_DIMS, N_FILTERS, N_TAPS, padding=N_TAPS // 2)
        self.dropout = nn.Dropout(DROPOUT)
        self.answers = nn.Linear(2 * N_FILTERS, n_columns)
        self.stars = nn.Linear(2 * N_FILTERS, N_STARS)

    def embedded(self, which: NDArray[np.int64]) -> Tensor:
        """Embeddings of some of the chunks, shape (n, N_DIMS)."""
        sizes = self._pointer[which + 1] - self._pointer[which]
        at = places_of(self._pointer[which], sizes)
        offsets = torch.from_numpy(np.cumsum(sizes) - sizes)
        values = torch.from_numpy(self._values[at])
        found: Tensor = self.embeddings(torch.from_numpy(self._features[at]), offsets, per_sample_weights=values)
        return found

    def forward(self, texts: Sequence[NDArray[np.int64]]) -> Tensor:
        """What the filters find in texts, given by their chunks, shape (n, 2 * N_FILTERS)."""
        longest = max(N_TAPS, *(len(chunks) for chunks in texts))
        grid = np.full((len(texts), longest), -1, np.int64)
        for row, chunks in enumerate(texts):
            grid[row, : len(chunks)] = chunks
        which, places = np.unique(np.append(grid, -1), return_inverse=True)
        embedded = functional.pad(self.embedded(which[1:]), (0, 0, 1, 0))  # the first row is where there is no chunk
        x = embedded[torch.from_numpy(places[:-1].reshape(grid.shape))]
        if self.training:
            x = x * (torch.rand(grid.shape) > CHUNK_DROPOUT)[:, :, None]
        is_chunk = torch.from_numpy(grid >= 0)
        found = functional.relu(self.filters(x.transpose(1, 2))) * is_chunk[:, None]
        root = is_chunk.sum(dim=1, keepdim=True).clamp(min=1).sqrt()
        pooled: Tensor = self.dropout(torch.cat([found.amax(dim=2), found.sum(dim=2) / root], dim=1))
        return pooled


def learn(
    chunks: Chunks,
    targets: Targets,
    rows: NDArray[np.int64],
    dimensions: set[str],
    *,
    seed: int,
    say: Callable[[str], None],
) -> PhraseNetwork:
    """Teach a network with some of the texts, with Adam and a learning rate that rises, then falls to nothing."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    network = FloatNetwork(chunks, len(targets.columns))
    rest = [parameter for name, parameter in network.named_parameters() if not name.startswith("embeddings")]
    optimizers = [
        torch.optim.SparseAdam([network.embeddings.weight], lr=LEARNING_RATE),
        torch.optim.AdamW(rest, lr=LEARNING_RATE, weight_decay=WEIGHT_DECAY),
    ]
    choices, steps, done, total = targets.choices(dimensions), EPOCHS * -(-len(rows) // BATCH), 0, 0.0
    for _ in range(EPOCHS):
        for batch in _shuffled(rows, np.diff(chunks.offsets), rng):
            texts = [chunks.ids[chunks.offsets[row] : chunks.offsets[row + 1]][:LONGEST] for row in batch]
            loss = _loss(network, texts, targets, batch, choices)
            for optimizer in optimizers:
                optimizer.zero_grad()
            loss.backward()
            rate = LEARNING_RATE * min(1, done / (WARM_UP * steps)) * (1 - done / steps)
            for optimizer in optimizers:
                optimizer.param_groups[0]["lr"] = rate
                optimizer.step()
            done, total = done + 1, total + loss.item()
            if done % 1000 == 0:
                say(f"step {done:,} of {steps:,}, loss {total / 1000:.3f}")
                total = 0.0
    return in_whole_numbers(network, chunks, targets.columns)


def _loss(
    network: FloatNetwork,
    texts: Sequence[NDArray[np.int64]],
    targets: Targets,
    batch: NDArray[np.int64],
    choices: Mapping[str, Sequence[int]],
) -> Tensor:
    pooled = network(texts)
    answers, stars = network.answers(pooled), torch.from_numpy(targets.stars[batch])
    yes, is_known = torch.from_numpy(targets.yes[batch]), torch.from_numpy(targets.is_known[batch]).float()
    weights = torch.from_numpy(targets.weights[batch])
    of_choices = [place for places in choices.values() for place in places]
    questions = [place for place in range(len(targets.columns)) if place not in of_choices]
    wrong = functional.binary_cross_entropy_with_logits(answers[:, questions], yes[:, questions], reduction="none")
    loss = QUESTIONS_WEIGHT * (weights * (wrong * is_known[:, questions]).mean(dim=1)).sum()
    for name, places in choices.items():
        surprise = -(yes[:, places] * functional.log_softmax(answers[:, places], dim=1)).sum(dim=1)
        weight = SENTIMENT_WEIGHT if name == "sentiment" else CHOICE_WEIGHT
        loss = loss + weight * (weights * is_known[:, places[0]] * surprise).sum()
    loss = loss + STARS_WEIGHT * functional.cross_entropy(
        network.stars(pooled), stars, ignore_index=NO_STARS, reduction="sum"
    )
    return loss / len(batch)


def _shuffled(
    rows: NDArray[np.int64], lengths: NDArray[np.int64], rng: np.random.Generator
) -> Iterator[NDArray[np.int64]]:
    """Batches of similar length in random order, so that little is padding."""
    rows, wide = rng.permutation(rows), 50 * BATCH
    pieces = [rows[start : start + wide] for start in range(0, len(rows), wide)]
    order = np.concatenate([piece[np.argsort(lengths[piece], kind="stable")] for piece in pieces])
    batches = [order[start : start + BATCH] for start in range(0, len(order), BATCH)]
    for place in rng.permutation(len(batches)):
        yield batches[place]


@torch.no_grad()
def in_whole_numbers(network: FloatNetwork, chunks: Chunks, columns: tuple[str, ...]) -> PhraseNetwork:
    """Round a network, each part to steps of its own; what few outliers there are is cut off."""
    scale = chunks.scale.scale.astype(np.float64)
    weights = network.embeddings.weight.numpy().astype(np.float64) * scale[:, None]
    step = np.quantile(np.abs(weights), 1 - _OUTLIERS, axis=0) / _LARGEST
    length_step = scale.max() ** 2 / _LARGEST
    embeddings = np.hstack([weights / step, np.maximum(scale[:, None] ** 2 / length_step, 1)])
    embeddings = np.clip(np.rint(embeddings), -_LARGEST, _LARGEST).astype(np.int8)

    some = np.random.default_rng(0).choice(chunks.counts.shape[0], min(_SAMPLE, chunks.counts.shape[0]), replace=False)
    embedded = chunks.counts[some].astype(np.int64) @ embeddings.astype(np.int64)
    inside = embedded[:, :-1] / np.sqrt(np.maximum(embedded[:, -1:], 1))
    gain = FURTHEST / np.quantile(np.abs(inside), 1 - _OUTLIERS)

    # A dimension counts steps of `step`, lengths are in units of the root of `length_step`, and all of it times `gain`.
    filters = network.filters.weight.numpy().astype(np.float64) * (step / np.sqrt(length_step) / gain)[None, :, None]
    filter_step = np.abs(filters).max(axis=(1, 2)) / _LARGEST
    whole = np.rint(filters / filter_step[:, None, None])  # shape (n_filters, n_dims, n_taps)
    whole = whole.transpose(1, 2, 0).reshape(N_DIMS, N_TAPS * N_FILTERS)
    products = np.clip(np.rint(inside * gain), -FURTHEST, FURTHEST) @ whole
    taps = (np.abs(products).reshape(-1, N_FILTERS) * filter_step).reshape(-1, N_TAPS, N_FILTERS)
    bias = network.filters.bias.numpy().astype(np.float64)
    unit = np.maximum(np.quantile(taps, 1 - 10 * _OUTLIERS, axis=(0, 1)) / LARGEST_TAP, np.abs(bias) / LARGEST_BIAS)

    answers = network.answers.weight.numpy().astype(np.float64).T * np.tile(unit, 2)[:, None]
    arrays = {
        "buckets": chunks.scale.buckets.astype(np.int32),
        "embeddings": embeddings,
        "filters": whole.astype(np.int8),
        "units": np.tile(filter_step / unit, N_TAPS).astype(np.float32),
        "bias": np.rint(bias / unit).astype(np.int16),
        "weights": answers.astype(np.float32),
        "intercepts": network.answers.bias.numpy().astype(np.float32),
    }
    return PhraseNetwork.of(columns, float(gain), arrays)
