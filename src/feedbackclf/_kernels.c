/* The innermost loops of the engine. Each does what the NumPy code of the Python function named beside it does, to the
 * last bit: the same sums in the same order. Where this file was not compiled, that code runs. */

#include <stdint.h>
#include <string.h>

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__linux__)
#define FAST __attribute__((target_clones("arch=haswell", "default")))
#else
#define FAST
#endif

#ifdef __GNUC__
#define PREFETCH(place) __builtin_prefetch(place)
#else
#define PREFETCH(place)
#endif

#define PRIME 0x9E3779B97F4A7C15ULL
#define WORD_SALT 0x9E3779B97F4A7C15ULL
#define NGRAM_SALT 0x3C6EF372FE94F82AULL
#define PAIR_SALT 0xDAA66D2C7DDF743FULL
#define EDGE 0x20ULL
#define AHEAD 8
#define MAX_IDS 8192

/* feedbackclf.features.bucket_of */
static inline int64_t bucket_of(uint64_t hash, uint64_t salt, int64_t mask, int64_t odd) {
    uint64_t h = hash + salt;
    h = (h ^ (h >> 33)) * 0xFF51AFD7ED558CCDULL;
    h = (h ^ (h >> 33)) * 0xC4CEB9FE1A85EC53ULL;
    return (int64_t)((h ^ (h >> 33)) & (uint64_t)mask) + odd;
}

/* feedbackclf.table.ScoreTable.row_of_bucket, or -1: the row of a feature is the number of features before it. Bits and
 * counts stay in a processor's cache, which that table does not. */
static inline int32_t row_of(int64_t bucket, const uint64_t *bits, const int32_t *before) {
    uint64_t word = bits[bucket >> 6], bit = (uint64_t)1 << (bucket & 63);
    return word & bit ? before[bucket >> 6] + __builtin_popcountll(word & (bit - 1)) : -1;
}

static inline void add_row(float *restrict total, const float *restrict row, int64_t n) {
    for (int64_t k = 0; k < n; k++) total[k] += row[k];
}

static inline void prefetch_row(const float *row, int64_t n) {
    for (int64_t k = 0; k < n; k += 16) PREFETCH(row + k);
}

/* feedbackclf.table.ScoreTable.word_rows: sums of the rows of the features of each word. */
FAST void word_rows(const uint32_t *codes, const int64_t *start, const int64_t *length, const uint8_t *is_word,
                    const uint64_t *hashes, int64_t n_words, int64_t shortest, int64_t longest, int64_t mask,
                    const uint64_t *bits, const int32_t *before, const float *rows, int64_t n_columns,
                    float *total) {
    int32_t ids[MAX_IDS];
    for (int64_t word = 0; word < n_words; word++) {
        float *out = total + word * n_columns;
        const uint32_t *code = codes + start[word];
        int64_t size = length[word] + 2, n_ids = 0;
        int32_t row = row_of(bucket_of(hashes[word], WORD_SALT, mask, 0), bits, before);
        if (row >= 0) ids[n_ids++] = row;
        for (int64_t place = 0; is_word[word] && place < size; place++) {
            uint64_t h = 0;
            for (int64_t n = 1; n <= longest && place + n <= size; n++) {
                int64_t at = place + n - 1;
                uint64_t c = at == 0 || at == size - 1 ? EDGE : code[at - 1];
                h = n == 1 ? c : (h * PRIME) ^ c;
                if (n < shortest) continue;
                row = row_of(bucket_of(h + (uint64_t)n, NGRAM_SALT, mask, 1), bits, before);
                if (row >= 0) ids[n_ids++] = row;
            }
            if (n_ids > MAX_IDS - 16) { /* a word longer than any */
                for (int64_t i = 0; i < n_ids; i++) add_row(out, rows + ids[i] * n_columns, n_columns);
                n_ids = 0;
            }
        }
        for (int64_t i = 0; i < n_ids && i < AHEAD; i++) prefetch_row(rows + ids[i] * n_columns, n_columns);
        for (int64_t i = 0; i < n_ids; i++) {
            if (i + AHEAD < n_ids) prefetch_row(rows + ids[i + AHEAD] * n_columns, n_columns);
            add_row(out, rows + ids[i] * n_columns, n_columns);
        }
    }
}

/* feedbackclf.products.sums: sums of the rows columns[pointer[i]:pointer[i + 1]]. */
FAST void sums(const int32_t *columns, const int64_t *pointer, int64_t n, const float *rows, int64_t n_columns,
               float *total) {
    int64_t end = pointer[n];
    for (int64_t i = 0; i < n; i++) {
        float *out = total + i * n_columns;
        for (int64_t k = pointer[i]; k < pointer[i + 1]; k++) {
            if (k + AHEAD < end) prefetch_row(rows + columns[k + AHEAD] * n_columns, n_columns);
            add_row(out, rows + columns[k] * n_columns, n_columns);
        }
    }
}

/* feedbackclf.scoring._pair_rows: rows of the pairs of words that reach from each chunk to the next, -1 for none. */
FAST void pair_rows(const int32_t *places, int64_t n, const uint64_t *first, const uint64_t *last, int64_t mask,
                    const uint64_t *bits, const int32_t *before, int32_t *row) {
    for (int64_t i = 0; i + 1 < n; i++) {
        uint64_t left = last[places[i]], right = first[places[i + 1]];
        int64_t bucket = bucket_of(left * PRIME + right, PAIR_SALT, mask, 0);
        row[i] = left && right ? row_of(bucket, bits, before) : -1;
    }
}

/* feedbackclf.hash_index.HashIndex.add: numbers for hashes that have none yet, from *size on; the first place of each. */
void add_hashes(const uint64_t *hashes, int64_t n, uint64_t *keys, int32_t *values, int64_t bits, int64_t *size,
                int32_t *numbers, int64_t *first) {
    uint64_t mask = ((uint64_t)1 << bits) - 1;
    int64_t begin = *size;
    for (int64_t i = 0; i < n; i++) {
        uint64_t key = hashes[i] | 1, slot = (key * PRIME) >> (64 - bits);
        while (keys[slot] && keys[slot] != key) slot = (slot + 1) & mask;
        if (!keys[slot]) {
            keys[slot] = key;
            values[slot] = (int32_t)*size;
            first[*size - begin] = i;
            ++*size;
        }
        numbers[i] = values[slot];
    }
}

/* feedbackclf.hash_index.HashIndex.find: the number of each hash, -1 where it has none. */
void find(const uint64_t *hashes, int64_t n, const uint64_t *keys, const int32_t *values, int64_t bits,
          int32_t *numbers) {
    uint64_t mask = ((uint64_t)1 << bits) - 1;
    for (int64_t i = 0; i < n; i++) {
        if (i + AHEAD < n) PREFETCH(keys + (((hashes[i + AHEAD] | 1) * PRIME) >> (64 - bits)));
        uint64_t key = hashes[i] | 1, slot = (key * PRIME) >> (64 - bits);
        while (keys[slot] && keys[slot] != key) slot = (slot + 1) & mask;
        numbers[i] = keys[slot] ? values[slot] : -1;
    }
}

static int is_in(uint64_t hash, const uint64_t *ascending, int64_t n) {
    int64_t low = 0, high = n;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (ascending[middle] < hash) low = middle + 1;
        else high = middle;
    }
    return low < n && ascending[low] == hash;
}

/* feedbackclf.shapes.ShapeTokenizer._shapes: letters and digits that count become themselves in `shape`; which characters
 * are kept, which chunks need a closer look, and the hash of what is kept of each. */
void shapes(const uint32_t *codes, uint32_t *shape, const int64_t *start, const int64_t *end, int64_t n,
            const uint64_t *at_end, int64_t n_at_end, const uint64_t *inside, int64_t n_inside, const uint32_t *marks,
            int64_t n_marks, int64_t longest_chunk, int64_t longest_unit, uint8_t *keep, uint8_t *closer,
            uint64_t *hashes) {
    const uint32_t small = 'q', capital = 'Q', digit = '5';
    for (int64_t i = 0; i < n; i++) {
        int64_t stop = end[i], dots = 0, place = start[i], letters_end = -1, digits_end = -1;
        uint8_t close = stop - start[i] > longest_chunk;
        while (place < stop) {
            int kind = shape[place] == digit ? 1 : shape[place] == small || shape[place] == capital ? 2 : 0;
            if (!kind) {
                uint32_t code = codes[place];
                for (int64_t k = 0; k < n_marks; k++) close |= code == marks[k];
                close |= code == '$' && place == letters_end;
                dots += code == '.' && place + 1 < stop && shape[place + 1] == digit;
                place++;
                continue;
            }
            int64_t run = place;
            uint64_t hash = 0, power = PRIME;
            while (place < stop &&
                   (kind == 1 ? shape[place] == digit : shape[place] == small || shape[place] == capital)) {
                hash += (codes[place++] + PRIME) * power;
                power *= PRIME;
            }
            uint64_t next = place < stop ? codes[place] : '\n';
            close |= is_in(hash, at_end, n_at_end) || is_in(hash + (next + PRIME) * power, inside, n_inside);
            int64_t length = place - run;
            if (length == 1 || (kind == 2 && length <= longest_unit && run == digits_end))
                for (int64_t k = run; k < place; k++) shape[k] = codes[k];
            if (kind == 1) digits_end = place;
            else letters_end = place;
        }
        closer[i] = close || dots >= 3;
        uint64_t hash = 0, power = PRIME;
        int64_t same = 0;
        for (int64_t k = start[i]; k < stop; k++) {
            uint32_t c = shape[k];
            same = k > start[i] && c == shape[k - 1] ? same + 1 : 1;
            keep[k] = !(same > 2 && (c == small || c == capital || c == digit));
            if (!keep[k]) continue;
            hash += (c + PRIME) * power;
            power *= PRIME;
        }
        hashes[i] = hash;
    }
}
