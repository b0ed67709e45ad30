/* What the inner loops share. */

#ifndef FEEDBACKCLF_KERNELS_H
#define FEEDBACKCLF_KERNELS_H

#include <stdint.h>
#include <string.h>

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#error "bytes are read eight at a time, the first one lowest"
#endif

/* Not "arch=haswell": that is taken on processors of that name only. */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__linux__)
#define FAST __attribute__((target_clones("avx2", "default")))
#else
#define FAST
#endif

#ifdef __GNUC__
#define PREFETCH(place) __builtin_prefetch(place)
#else
#define PREFETCH(place)
#endif

#define AHEAD 8 /* rows that are on their way from memory at a time */
#define BLOCK 64 /* and features */

#define PRIME 0x9E3779B97F4A7C15ULL
#define WORD_SALT 0x9E3779B97F4A7C15ULL
#define NGRAM_SALT 0x3C6EF372FE94F82AULL
#define PAIR_SALT 0xDAA66D2C7DDF743FULL
#define CAPITALS_SALT 0x78DDE6E5FD29F054ULL

/* feedbackclf.features.bucket_of */
static inline int64_t bucket_of(uint64_t hash, uint64_t salt, int64_t mask, int64_t odd) {
    uint64_t h = hash + salt;
    h = (h ^ (h >> 33)) * 0xFF51AFD7ED558CCDULL;
    h = (h ^ (h >> 33)) * 0xC4CEB9FE1A85EC53ULL;
    return (int64_t)((h ^ (h >> 33)) & (uint64_t)mask) + odd;
}

/* feedbackclf.features.pair_buckets */
static inline int64_t pair_bucket(uint64_t left, uint64_t right, int64_t mask) {
    return bucket_of(left * PRIME + right, PAIR_SALT, mask, 0);
}

/* feedbackclf.table.ScoreTable.row_of_bucket, or -1: the row of a feature is the number of features before it. Bits and
 * counts stay in a processor's cache, which that table does not. */
static inline int32_t row_of(int64_t bucket, const uint64_t *bits, const int32_t *before) {
    uint64_t word = bits[bucket >> 6], bit = (uint64_t)1 << (bucket & 63);
    return word & bit ? before[bucket >> 6] + __builtin_popcountll(word & (bit - 1)) : -1;
}

static inline void prefetch_bucket(int64_t bucket, const uint64_t *bits, const int32_t *before) {
    PREFETCH(bits + (bucket >> 6));
    PREFETCH(before + (bucket >> 6));
}

static inline void add_row(float *restrict total, const float *restrict row, int64_t n) {
    for (int64_t k = 0; k < n; k++) total[k] += row[k];
}

static inline void prefetch_row(const float *row, int64_t n) {
    for (int64_t k = 0; k < n; k += 16) PREFETCH(row + k);
}

/* Embeddings are whole numbers. */
static inline void add_embedding(int32_t *restrict total, const int8_t *restrict embedding, int64_t n) {
    for (int64_t k = 0; k < n; k++) total[k] += embedding[k];
}

static inline void prefetch_embedding(const int8_t *embedding, int64_t n) {
    for (int64_t k = 0; k < n; k += 64) PREFETCH(embedding + k);
}

static inline int is_in(uint64_t hash, const uint64_t *ascending, int64_t n) {
    int64_t low = 0, high = n;
    while (low < high) {
        int64_t middle = (low + high) / 2;
        if (ascending[middle] < hash) low = middle + 1;
        else high = middle;
    }
    return low < n && ascending[low] == hash;
}

int64_t cut_texts(const uint8_t *data, const int64_t *bounds, int64_t n_texts, int64_t longest, int64_t *start,
                  int64_t *end, uint64_t *hashes, int64_t *offsets);
int64_t join_codes(const uint8_t *data, const int64_t *start, const int64_t *end, const int64_t *which, int64_t n,
                   uint32_t *codes);
void are_among(const uint64_t *hashes, int64_t n, const uint64_t *ascending, int64_t n_ascending, uint8_t *among);
int64_t number_hashes(const uint64_t *hashes, int64_t n, int64_t done, uint64_t *keys, int32_t *values, int64_t bits,
                      int64_t known, int64_t *size, int32_t *numbers, int64_t *first);
int64_t split_lines(const uint32_t *codes, int64_t size, int64_t *start, int64_t *end);
int64_t find_tokens(const uint32_t *codes, const uint8_t *is_start, int64_t size, int64_t *start, int64_t *length,
                    int64_t *chunk);
int64_t find_letters(const uint32_t *codes, const uint32_t *kinds, int64_t size, int64_t *start, int64_t *length,
                     int64_t *chunk);
int64_t shapes(const uint32_t *codes, const uint32_t *of_character, int64_t size, uint32_t *shape, const int64_t *start,
               const int64_t *end, int64_t n, const uint64_t *at_end, int64_t n_at_end, const uint64_t *inside,
               int64_t n_inside, const uint32_t *before_quote, int64_t n_before_quote, int64_t longest_chunk,
               int64_t longest_unit, uint8_t *keep, uint8_t *closer, uint64_t *hashes);
void mark_starts(const uint8_t *keep, const int64_t *start, const int64_t *end, const int64_t *which, int64_t n,
                 const int32_t *numbers, const int64_t *offsets, const int64_t *starts, uint8_t *is_start);
int64_t fold_words(const uint32_t *codes, const uint32_t *folded, const uint32_t *kinds, const int64_t *start,
                   const int64_t *length, int64_t n, uint32_t *words, int64_t *word_start, int64_t *word_length,
                   uint64_t *hashes, uint8_t *is_word, uint8_t *shouted);
void word_rows(const uint32_t *codes, const int64_t *start, const int64_t *length, const uint8_t *is_word,
               const uint64_t *hashes, const int64_t *which, int64_t n, int64_t shortest, int64_t longest,
               int64_t mask, const uint64_t *bits, const int32_t *before, const float *rows, int64_t n_columns,
               const int8_t *embeddings, int64_t n_dims, float *total, int32_t *embedded);
void chunk_rows(const int32_t *numbers, const int64_t *chunk, const uint64_t *hashes, const uint8_t *is_word,
                const uint8_t *shouted, int64_t n_words, int64_t n_chunks, const float *rows_of_words,
                const int32_t *embedded_words, int64_t mask, const uint64_t *bits, const int32_t *before,
                const float *rows, int64_t n_columns, const int8_t *embeddings, int64_t n_dims, float *more,
                float *total, int32_t *embedded);
void widen_halves(const uint16_t *halves, int64_t n, int64_t n_columns, int64_t width, float *rows);
void chunk_edges(const int64_t *chunk, const uint64_t *hashes, const uint8_t *is_word, const uint32_t *codes,
                 const int64_t *start, int64_t n_words, uint64_t *first, uint64_t *last, uint8_t *ends);
int64_t sum_told(const int32_t *numbers, const int64_t *offsets, int64_t n_texts, int64_t most, uint8_t *told,
                 const float *rows, int64_t n_columns, float *total, int64_t *missing);
int64_t find_places(const int32_t *numbers, const int64_t *offsets, const int64_t *rules, int64_t n_texts,
                    int64_t n_rules, int32_t *known, int32_t *places, int64_t *missing, int64_t *rule_of);
void score_texts(const int32_t *places, const int64_t *offsets, int64_t n_texts, const float *rows_of_chunks,
                 const uint64_t *first, const uint64_t *last, const uint8_t *ends, const uint8_t *contrasts,
                 int64_t mask, const uint64_t *bits, const int32_t *before, const float *rows, int64_t n_columns,
                 const float *intercepts, float *scratch, float *text, float *best, float *length2,
                 int64_t *n_segments);
void scale_embeddings(const int32_t *embedded, int64_t n_chunks, int64_t n_dims, double gain, double furthest,
                      float *inside);
void round_taps(const float *products, const float *units, int64_t n_chunks, int64_t width, int64_t largest,
                int8_t *taps);
void read_phrases(const int32_t *places, const int64_t *offsets, int64_t n_texts, const int8_t *taps,
                  const int16_t *bias, int64_t n_filters, float *pooled);
void share_columns(const int32_t *places, const int64_t *offsets, int64_t n_texts, const float *rows_of_chunks,
                   const float *rows, const int32_t *pairs, const int64_t *segment_start, const int64_t *text_start,
                   const float *length2, const int64_t *best, int64_t n_columns, const int64_t *jobs, int64_t n_heads,
                   const double *directions, double *scratch, double *weights);
void share_phrases(const int32_t *places, const int64_t *offsets, int64_t n_texts, const int8_t *taps,
                   const int16_t *bias, int64_t n_filters, const int64_t *jobs, int64_t n_heads, const int32_t *once,
                   const int32_t *always, int64_t *shares);
void best_runs(const int64_t *weights, const int64_t *offsets, int64_t n_texts, const int64_t *jobs, int64_t n_heads,
               int64_t longest, int64_t *sums, int64_t *highest, int64_t *where);
void language_exponents(const float *total, int64_t n_texts, int64_t n_columns, const float *intercepts, float *scores,
                        double *exponents, uint8_t *has_letters);
void choose_language(const double *exponents, int64_t n_texts, int64_t n_classes, const int64_t *columns,
                     int64_t n_languages, const uint8_t *has_letters, int64_t *language, double *confidence);
void head_exponents(const double *scores, int64_t n_texts, const int64_t *offsets, int64_t n_heads, double *exponents);
void decide(double *p, int64_t n_texts, const int64_t *offsets, const int64_t *none, const double *thresholds,
            const double *factors, int64_t n_heads, int64_t *labels, double *confidence);
int64_t last_row_end(const uint8_t *bytes, int64_t n, int64_t delimiter);
int64_t lines_size(const int64_t *columns, int64_t n_columns, int64_t n_rows);
int64_t join_cells(const int64_t *columns, int64_t n_columns, int64_t n_rows, int64_t delimiter, uint8_t *lines);

#endif
