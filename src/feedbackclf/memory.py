"""What is remembered of the chunks and words that were seen, so that each is worked out once.

Text is Zipfian: of the chunks of a batch nearly all were there before. A memory is bounded, and it is never part of a
model. What it holds depends on nothing but the chunk, so forgetting changes no score.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from feedbackclf import kernels
from feedbackclf.arrays import grown, lengths_of, offsets_of, places_of
from feedbackclf.chunks import ChunkedTexts
from feedbackclf.features import FEEDBACK_NGRAMS, LANGUAGE_NGRAMS, Words, chunk_edges
from feedbackclf.hash_index import HashIndex
from feedbackclf.phrases import PhraseNetwork
from feedbackclf.products import sums
from feedbackclf.segments import contrasts
from feedbackclf.table import Rows, ScoreTable
from feedbackclf.tokens import letter_runs, tokenize_chunks

CAPACITY = 150_000
"""Chunks that are remembered, as well as words."""

_BY_NUMBER = ("_hashes", "_told", "language")
_BY_PLACE = ("rows", "taps", "first", "last", "ends", "contrasts")
_NOT_YET, _THERE = 0, 1
_BLOCK = 8192
"""Chunks that are worked out at a time, which bounds what lies in memory meanwhile."""


class ChunkMemory:
    """Numbers of chunks, their language rows, and their feedback rows by the rules of each language.

    Args:
        language, feedback: tables of scores.
        rules: languages with rules of their own; feedback rows are kept apart for each.
        capacity: how many chunks are remembered, about.
        phrases: the network that reads the embeddings of the feedback table, if it has any.

    Attributes:
        language: language scores by number, and the squared length last, of chunks that a language was told by.
        rows: feedback scores by place, and the squared length last. A chunk has one place for each language.
        taps: what chunks add to the filters of the network, by place.
        first, last: hashes of the outermost words by place, 0 for none.
        ends, contrasts: whether a sentence ends with the chunk, or it is a word of contrast, by place.
    """

    def __init__(
        self,
        language: ScoreTable,
        feedback: ScoreTable,
        rules: Sequence[str],
        capacity: int = CAPACITY,
        phrases: PhraseNetwork | None = None,
    ) -> None:
        self._phrases = phrases or PhraseNetwork.empty()
        self._rules = tuple(rules)
        self._capacity = capacity
        self._language_words = WordMemory(language, LANGUAGE_NGRAMS, capacity)
        self._words = WordMemory(feedback, FEEDBACK_NGRAMS, capacity)
        self._index = HashIndex(capacity)
        self._hashes = np.zeros(0, np.uint64)
        self._again = np.zeros(0, bool)
        self._told = np.zeros(0, np.uint8)  # whether there is a language row, see `_THERE`
        self._places = np.zeros((0, len(rules)), np.int32)  # place + 1; 0 where there is none yet, -1 while it is made
        self._n_places = 0
        self._language_rows = Rows.room(_BLOCK, language)  # for those under way
        self.language = np.zeros((0, language.rows.shape[1]), np.float32)
        self.rows = np.zeros((0, feedback.rows.shape[1]), np.float32)
        self.taps = np.zeros((0, len(self._phrases.units)), np.int8)
        self.first, self.last = np.zeros(0, np.uint64), np.zeros(0, np.uint64)
        self.ends, self.contrasts = np.zeros(0, bool), np.zeros(0, bool)

    def numbers(self, texts: ChunkedTexts) -> NDArray[np.int32]:
        """Numbers of all chunks of some texts, in order; they hold until the next call."""
        known = len(self._index)
        numbers, first = self._index.number(texts.hashes)
        if known and max(len(self._index), self._n_places) > self._capacity:
            self._forget(known)
            return self.numbers(texts)
        new = slice(known, len(self._index))
        self._make_room(new.stop, (*_BY_NUMBER, "_again", "_places"))
        self._again[numbers] = True
        if len(first):
            self._hashes[new], self._again[new] = texts.hashes[first], False
            self._places[new], self._told[new] = 0, _NOT_YET
        return numbers

    def language_sums(self, texts: ChunkedTexts, numbers: NDArray[np.int32], most: int) -> NDArray[np.float32]:
        """Sums of the rows in `language` of the first chunks of each text, shape (n_texts, n_columns + 1).

        Args:
            texts, numbers: the texts and what `numbers` said of them.
            most: so many chunks of a text count.
        """
        compiled = kernels.compiled()
        if compiled is None:
            lengths = np.minimum(lengths_of(texts.offsets), most)
            which = places_of(texts.offsets[:-1], lengths)
            missing = np.flatnonzero(self._told[numbers[which]] != _THERE)
            self._tell(texts, numbers, which[missing[_first_of_each(numbers[which[missing]])]])
            return sums(numbers[which], offsets_of(lengths), self.language)
        total, missing = np.empty((len(texts), self.language.shape[1]), np.float32), np.empty(len(numbers), np.int64)
        ask = numbers, texts.offsets, len(texts), most, self._told, self.language, self.language.shape[1]
        while n_missing := compiled.sum_told(*ask, total, missing):
            self._tell(texts, numbers, missing[:n_missing])
        return total

    def _tell(self, texts: ChunkedTexts, numbers: NDArray[np.int32], which: NDArray[np.int64]) -> None:
        """Work out the rows in `language` of some chunks, no two of them alike."""
        try:
            for begin in range(0, len(which), _BLOCK):
                block = which[begin : begin + _BLOCK]
                words = Words.of(letter_runs(texts.codes(block)))
                self._language_words.chunk_rows(words, rows := self._language_rows.part(0, len(block)))
                self.language[numbers[block]] = rows.scores
        except BaseException:  # an interrupt, say: they are to be asked for again
            self._told[numbers[which]] = _NOT_YET
            raise
        self._told[numbers[which]] = _THERE

    def places(self, texts: ChunkedTexts, numbers: NDArray[np.int32], rules: NDArray[np.int64]) -> NDArray[np.int32]:
        """Places in `rows` of all chunks of some texts, in order.

        Args:
            texts, numbers: the texts and what `numbers` said of them.
            rules: the number of the language by whose rules each text is cut into tokens, shape (n_texts,).
        """
        compiled = kernels.compiled()
        if compiled is None:
            rule_of = np.repeat(rules, lengths_of(texts.offsets))
            at = numbers * len(self._rules) + rule_of
            missing = np.flatnonzero(self._places.reshape(-1)[at] <= 0)
            which = missing[_first_of_each(at[missing])]
            self._learn_all(texts, numbers, which, rule_of[which])
            return np.asarray(self._places.reshape(-1)[at] - np.int32(1))
        places = np.empty(len(numbers), np.int32)
        missing, of = np.empty(len(numbers), np.int64), np.empty(len(numbers), np.int64)
        ask = numbers, texts.offsets, rules, len(texts), len(self._rules), self._places
        while n := compiled.find_places(*ask, places, missing, of):
            self._learn_all(texts, numbers, missing[:n], of[:n])
        return places

    def _learn_all(
        self, texts: ChunkedTexts, numbers: NDArray[np.int32], which: NDArray[np.int64], rule_of: NDArray[np.int64]
    ) -> None:
        """Work out the feedback rows of some chunks by some rules, no two of them alike in both."""
        try:
            for rule in sorted(set(rule_of.tolist())):
                of_rule = which[rule_of == rule]
                for begin in range(0, len(of_rule), _BLOCK):
                    block = of_rule[begin : begin + _BLOCK]
                    self._places[numbers[block], rule] = self._learn(texts.codes(block), len(block), rule) + 1
        except BaseException:  # an interrupt, say: they are to be asked for again
            asked = self._places[numbers[which], rule_of]
            self._places[numbers[which], rule_of] = np.maximum(asked, 0)
            raise

    def _learn(self, codes: NDArray[np.uint32], n_chunks: int, rule: int) -> NDArray[np.int64]:
        """Work out the feedback rows of chunks, parted by line ends; their places."""
        begin, end = self._n_places, self._n_places + n_chunks
        self._make_room(end, _BY_PLACE)
        words = Words.of(tokenize_chunks(codes, self._rules[rule]))
        edges = chunk_edges(words, n_chunks)
        embedded = np.empty((n_chunks, self._words.n_dims), np.int32)
        self._words.chunk_rows(words, Rows(self.rows[begin:end], embedded))
        self._phrases.set_taps(embedded, self.taps[begin:end])
        self.first[begin:end], self.last[begin:end], self.ends[begin:end] = edges.first, edges.last, edges.ends
        self.contrasts[begin:end] = contrasts(edges, self._rules[rule])
        self._n_places = end
        return np.arange(begin, end)

    def _make_room(self, size: int, names: Sequence[str]) -> None:
        if size <= len(getattr(self, names[0])):
            return
        for name in names:
            # More than fits, since to grow takes the room of both the old and the new.
            setattr(self, name, grown(getattr(self, name), size, 3 * self._capacity // 2))

    def _forget(self, known: int) -> None:
        """Keep those of the `known` chunks that came back since the last time, if they are not too many either."""
        kept = np.flatnonzero(self._again[:known])
        if len(kept) > self._capacity // 2:
            kept = kept[:0]
        places = self._places[kept]
        is_used = np.zeros(self._n_places + 1, bool)
        is_used[places] = True
        used = np.flatnonzero(is_used[1:])
        moved = np.zeros(self._n_places + 1, np.int32)
        moved[used + 1] = np.arange(len(used)) + 1
        self._index.clear()  # before anything moves: an interrupt leaves nothing that has a number and another's row
        for names, where in ((_BY_NUMBER, kept), (_BY_PLACE, used)):
            for array in (getattr(self, name) for name in names):
                for begin in range(0, len(where), _BLOCK):  # rows only move to the front, and blocks need little room
                    block = where[begin : begin + _BLOCK]
                    array[begin : begin + len(block)] = array[block]
        self._places[: len(kept)] = moved[places]
        self._again[:] = False
        self._n_places = len(used)
        self._index.number(self._hashes[: len(kept)])


def _first_of_each(numbers: NDArray[Any]) -> NDArray[np.int64]:
    """Where each different number first stands."""
    return np.unique(numbers, return_index=True)[1]


class WordMemory:
    """Rows of scores of words, whatever the language; it forgets them all when it is full."""

    def __init__(self, table: ScoreTable, ngrams: tuple[int, int], capacity: int = CAPACITY) -> None:
        self._table = table
        self._ngrams = ngrams
        self._capacity = capacity
        self._index = HashIndex(capacity)
        self._rows = Rows.room(0, table)

    @property
    def n_dims(self) -> int:
        """Width of the embeddings of the table."""
        return int(self._table.embeddings.shape[1])

    def chunk_rows(self, words: Words, into: Rows) -> None:
        """Set `into` to the rows of chunks with these words."""
        numbers = self._numbers(words)
        self._table.chunk_rows(words, numbers, self._rows, into)

    def _numbers(self, words: Words) -> NDArray[np.int32]:
        """Numbers of words in `_rows`, shape (n_words,); they hold until the next call."""
        begin = len(self._index)
        numbers, first = self._index.number(words.hashes)
        if not len(first):
            return numbers
        end = len(self._index)
        if begin and end > self._capacity:
            self._index.clear()
            return self._numbers(words)
        try:
            if end > len(self._rows.scores):
                scores, embedded = self._rows.scores, self._rows.embedded
                self._rows = Rows(grown(scores, end, self._capacity), grown(embedded, end, self._capacity))
            self._table.word_rows(words, first, self._ngrams, self._rows.part(begin, end))
        except BaseException:  # an interrupt, say: no word may have a number and no row
            self._index.clear()
            raise
        return numbers
