/* Words of chunks and the features they have, see feedbackclf.features and feedbackclf.table. */

#include "kernels.h"

#define LETTER_OR_DIGIT 2
#define CAPITAL 4
#define POWERS 4096
#define MAX_FEATURES 128 /* that are looked up at a time: 16 bits hold the sums of so many embeddings */
#define MAX_DIMS 129     /* phrases.MAX_DIMS, and the length */

/* features.Words.of: how many code points the words have. The tables hold a number more than the property of a character,
 * and 0 where it is not known yet; then the result is -1, and nothing else is worth anything. */
int64_t fold_words(const uint32_t *codes, const uint32_t *folded, const uint32_t *kinds, const int64_t *start,
                   const int64_t *length, int64_t n, uint32_t *words, int64_t *word_start, int64_t *word_length,
                   uint64_t *hashes, uint8_t *is_word, uint8_t *shouted) {
    int64_t size = 0;
    for (int64_t word = 0; word < n; word++) {
        int64_t begin = start[word], end = begin + length[word], capitals = 0, begin_out = size, letters = 0;
        uint64_t hash = 0, power = 1;
        uint32_t before = begin > 0 ? folded[codes[begin - 1]] : 1, before_that = 0;
        if (!before) return -1;
        for (int64_t at = begin; at < end; at++) {
            uint32_t code = folded[codes[at]], kind = kinds[codes[at]];
            if (!code || !kind) return -1;
            capitals += ((kind - 1) & CAPITAL) != 0;
            letters += ((kind - 1) & LETTER_OR_DIGIT) != 0;
            if (at == begin || code != before || code != before_that) {
                power = (size - begin_out) % POWERS ? power * PRIME : PRIME;
                hash += (code - 1 + PRIME) * power;
                words[size++] = code - 1;
            }
            before_that = before;
            before = code;
        }
        word_start[word] = begin_out;
        word_length[word] = size - begin_out;
        hashes[word] = hash;
        is_word[word] = letters > 0;
        shouted[word] = letters > 0 && capitals == end - begin && end - begin > 1;
    }
    return size;
}

/* The features of a word from its n-grams at `place` on, until there are MAX_FEATURES or the word ends; how many. */
static inline int64_t ngram_buckets(const uint32_t *code, int64_t size, int64_t *place, int64_t shortest,
                                    int64_t longest, int64_t mask, const uint64_t *bits, const int32_t *before,
                                    int64_t *buckets, int64_t n) {
    for (; *place < size && n + longest <= MAX_FEATURES; ++*place) {
        uint64_t h = 0;
        for (int64_t gram = 1; gram <= longest && *place + gram <= size; gram++) {
            int64_t at = *place + gram - 1;
            uint64_t c = at == 0 || at == size - 1 ? ' ' : code[at - 1];
            h = gram == 1 ? c : (h * PRIME) ^ c;
            if (gram < shortest) continue;
            buckets[n] = bucket_of(h + (uint64_t)gram, NGRAM_SALT, mask, 1);
            prefetch_bucket(buckets[n++], bits, before);
        }
    }
    return n;
}

/* Features of a word, all of them or as many as are looked up at a time. */
typedef struct {
    int32_t ids[MAX_FEATURES];
    int64_t n, row; /* how many there are, and the place of the word among those asked about */
} Piece;

static inline void add_piece(const Piece *piece, const float *rows, int64_t n_columns, const int8_t *embeddings,
                             int64_t n_dims, float *total, int32_t *embedded) {
    if (!piece->n) return;
    int16_t sums[MAX_DIMS] = {0};
    for (int64_t k = 0; k < piece->n; k++) {
        const int8_t *embedding = embeddings + piece->ids[k] * n_dims;
        add_row(total + piece->row * n_columns, rows + piece->ids[k] * n_columns, n_columns);
        for (int64_t d = 0; d < n_dims; d++) sums[d] = (int16_t)(sums[d] + embedding[d]);
    }
    for (int64_t d = 0; d < n_dims; d++) embedded[piece->row * n_dims + d] += sums[d];
}

/* table.ScoreTable.word_rows: sums of the rows of the features of some words, and of their embeddings. Rows are added when
 * those of the next piece have been asked for, so that they are there by then. */
FAST void word_rows(const uint32_t *codes, const int64_t *start, const int64_t *length, const uint8_t *is_word,
                    const uint64_t *hashes, const int64_t *which, int64_t n, int64_t shortest, int64_t longest,
                    int64_t mask, const uint64_t *bits, const int32_t *before, const float *rows, int64_t n_columns,
                    const int8_t *embeddings, int64_t n_dims, float *total, int32_t *embedded) {
    int64_t buckets[MAX_FEATURES];
    Piece pieces[2] = {{.n = 0}, {.n = 0}}, *piece = pieces, *last = pieces + 1;
    for (int64_t i = 0; i < n; i++) {
        int64_t word = which[i], size = is_word[word] ? length[word] + 2 : 0, place = 0, n_buckets = 1;
        memset(total + i * n_columns, 0, (size_t)n_columns * sizeof(float));
        memset(embedded + i * n_dims, 0, (size_t)n_dims * sizeof(int32_t));
        buckets[0] = bucket_of(hashes[word], WORD_SALT, mask, 0);
        prefetch_bucket(buckets[0], bits, before);
        do {
            n_buckets = ngram_buckets(codes + start[word], size, &place, shortest, longest, mask, bits, before,
                                      buckets, n_buckets);
            piece->n = 0;
            piece->row = i;
            for (int64_t k = 0; k < n_buckets; k++) {
                int32_t row = row_of(buckets[k], bits, before);
                if (row < 0) continue;
                prefetch_row(rows + row * n_columns, n_columns);
                prefetch_embedding(embeddings + row * n_dims, n_dims);
                piece->ids[piece->n++] = row;
            }
            add_piece(last, rows, n_columns, embeddings, n_dims, total, embedded);
            Piece *next = last;
            last = piece;
            piece = next;
            n_buckets = 0;
        } while (place < size);
    }
    add_piece(last, rows, n_columns, embeddings, n_dims, total, embedded);
}

/* table.ScoreTable.of: numbers in half precision as floats, of which each is one, into rows of `width` floats. */
FAST void widen_halves(const uint16_t *halves, int64_t n, int64_t n_columns, int64_t width, float *rows) {
    for (int64_t i = 0; i < n; i++) {
        for (int64_t k = 0; k < n_columns; k++) {
            uint32_t half = halves[i * n_columns + k], exponent = half & 0x7C00, fraction = half & 0x3FF;
            uint32_t bits = ((half & 0x7FFF) << 13) + (exponent == 0x7C00 ? 224U << 23 : 112U << 23);
            float normal, subnormal = (float)fraction * 0x1p-24F, x;
            memcpy(&normal, &bits, sizeof(normal));
            x = exponent ? normal : subnormal;
            rows[i * width + k] = half & 0x8000 ? -x : x;
        }
    }
}

/* features.chunk_edges: the outermost words of chunks, and whether a sentence ends with them. All results are 0 before. */
void chunk_edges(const int64_t *chunk, const uint64_t *hashes, const uint8_t *is_word, const uint32_t *codes,
                 const int64_t *start, int64_t n_words, uint64_t *first, uint64_t *last, uint8_t *ends) {
    for (int64_t word = 0; word < n_words; word++) {
        int64_t of = chunk[word];
        if (is_word[word]) {
            if (!first[of]) first[of] = hashes[word];
            last[of] = hashes[word];
            ends[of] = 0;
        } else {
            uint32_t code = codes[start[word]];
            ends[of] |= code == '.' || code == '!' || code == '?' || code == ';' || code == 0x2026;
        }
    }
}

/* table.ScoreTable.chunk_rows: the rows of the words of each chunk, and then those of what it has besides; and the same of
 * embeddings, which are whole numbers, so that their order does not matter. */
FAST void chunk_rows(const int32_t *numbers, const int64_t *chunk, const uint64_t *hashes, const uint8_t *is_word,
                     const uint8_t *shouted, int64_t n_words, int64_t n_chunks, const float *rows_of_words,
                     const int32_t *embedded_words, int64_t mask, const uint64_t *bits, const int32_t *before,
                     const float *rows, int64_t n_columns, const int8_t *embeddings, int64_t n_dims, float *more,
                     float *total, int32_t *embedded) {
    int64_t begin = 0;
    for (int64_t of = 0; of < n_chunks; of++) {
        int64_t end = begin;
        float *out = total + of * n_columns;
        int32_t *embedding = embedded + of * n_dims;
        memset(out, 0, (size_t)n_columns * sizeof(float));
        memset(more, 0, (size_t)n_columns * sizeof(float));
        memset(embedding, 0, (size_t)n_dims * sizeof(int32_t));
        for (; end < n_words && chunk[end] == of; end++) {
            if (end + AHEAD < n_words) prefetch_row(rows_of_words + numbers[end + AHEAD] * n_columns, n_columns);
            add_row(out, rows_of_words + numbers[end] * n_columns, n_columns);
            for (int64_t k = 0; k < n_dims; k++) embedding[k] += embedded_words[numbers[end] * n_dims + k];
            if (!shouted[end]) continue;
            int32_t row = row_of(bucket_of(hashes[end], CAPITALS_SALT, mask, 0), bits, before);
            if (row < 0) continue;
            add_row(more, rows + row * n_columns, n_columns);
            add_embedding(embedding, embeddings + row * n_dims, n_dims);
        }
        for (int64_t word = begin, left = -1; word < end; word++) {
            if (!is_word[word]) continue;
            if (left >= 0) {
                int32_t row = row_of(pair_bucket(hashes[left], hashes[word], mask), bits, before);
                if (row >= 0) {
                    add_row(more, rows + row * n_columns, n_columns);
                    add_embedding(embedding, embeddings + row * n_dims, n_dims);
                }
            }
            left = word;
        }
        add_row(out, more, n_columns);
        begin = end;
    }
}
