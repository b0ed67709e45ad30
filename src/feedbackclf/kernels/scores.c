/* Sums over the chunks of texts, and the answers of heads, see feedbackclf.products, feedbackclf.scoring and
 * feedbackclf.heads. */

#include "kernels.h"

#include <math.h>

/* memory.ChunkMemory.language_sums: sums of the rows of the first chunks of texts. `told` is 1 for chunks that have a row.
 * For the others it becomes 2, `missing` holds a place of each, and the result is how many they are. */
FAST int64_t sum_told(const int32_t *numbers, const int64_t *offsets, int64_t n_texts, int64_t most, uint8_t *told,
                      const float *rows, int64_t n_columns, float *total, int64_t *missing) {
    int64_t n_missing = 0;
    memset(total, 0, (size_t)(n_texts * n_columns) * sizeof(float));
    for (int64_t t = 0; t < n_texts; t++) {
        int64_t end = offsets[t] + most < offsets[t + 1] ? offsets[t] + most : offsets[t + 1];
        for (int64_t i = offsets[t]; i < end; i++) {
            int32_t number = numbers[i];
            if (i + AHEAD < end) prefetch_row(rows + numbers[i + AHEAD] * n_columns, n_columns);
            if (told[number] == 1) {
                add_row(total + t * n_columns, rows + number * n_columns, n_columns);
            } else if (!told[number]) {
                told[number] = 2;
                missing[n_missing++] = i;
            }
        }
    }
    return n_missing;
}

/* memory.ChunkMemory.places: a place and 1 is in `known`, by number and language. Where there is 0 it becomes -1, `missing`
 * holds a place of each, `rule_of` its language, and the result is how many they are. */
int64_t find_places(const int32_t *numbers, const int64_t *offsets, const int64_t *rules, int64_t n_texts,
                    int64_t n_rules, int32_t *known, int32_t *places, int64_t *missing, int64_t *rule_of) {
    int64_t n_missing = 0;
    for (int64_t t = 0; t < n_texts; t++) {
        for (int64_t i = offsets[t]; i < offsets[t + 1]; i++) {
            if (i + AHEAD < offsets[n_texts]) PREFETCH(known + numbers[i + AHEAD] * n_rules);
            int32_t *at = known + numbers[i] * n_rules + rules[t];
            places[i] = *at - 1;
            if (*at) continue;
            *at = -1;
            rule_of[n_missing] = rules[t];
            missing[n_missing++] = i;
        }
    }
    return n_missing;
}

/* scoring.normalise: the last of the n columns is the squared length. */
static inline void normalise(const float *total, const float *intercepts, int64_t n, float *restrict scores) {
    float length = total[n - 1] > 0 ? sqrtf(total[n - 1]) : 1;
    for (int64_t k = 0; k < n - 1; k++) scores[k] = total[k] / length + intercepts[k];
}

static inline void keep_highest(float *restrict best, const float *restrict scores, int64_t n) {
    for (int64_t k = 0; k < n; k++) best[k] = scores[k] > best[k] ? scores[k] : best[k];
}

/* scoring._pair_rows, of chunks from `begin` to `end`: the row of the pair of each one's last word with the next one's
 * first, -1 for none. Everything that is looked up has been asked for one step before. */
static inline void pair_rows(const int32_t *places, int64_t begin, int64_t end, int64_t n_chunks, const uint64_t *first,
                             const uint64_t *last, const uint8_t *ends, const uint8_t *contrasts, int64_t mask,
                             const uint64_t *bits, const int32_t *before, const float *rows, int64_t n_columns,
                             int32_t *row) {
    int64_t bucket[BLOCK];
    for (int64_t i = begin; i < end; i++) {
        if (i + BLOCK < n_chunks) {
            int32_t soon = places[i + BLOCK];
            PREFETCH(first + soon);
            PREFETCH(last + soon);
            PREFETCH(ends + soon);
            PREFETCH(contrasts + soon);
        }
        uint64_t left = last[places[i]], right = i + 1 < n_chunks ? first[places[i + 1]] : 0;
        bucket[i - begin] = left && right ? pair_bucket(left, right, mask) : -1;
        if (left && right) prefetch_bucket(bucket[i - begin], bits, before);
    }
    for (int64_t i = 0; i < end - begin; i++) {
        row[i] = bucket[i] < 0 ? -1 : row_of(bucket[i], bits, before);
        if (row[i] >= 0) prefetch_row(rows + row[i] * n_columns, n_columns);
    }
}

/* scoring.feedback_scores. `scratch` has room for four rows. */
FAST void score_texts(const int32_t *places, const int64_t *offsets, int64_t n_texts, const float *rows_of_chunks,
                      const uint64_t *first, const uint64_t *last, const uint8_t *ends, const uint8_t *contrasts,
                      int64_t mask, const uint64_t *bits, const int32_t *before, const float *rows,
                      int64_t n_columns, const float *intercepts, float *scratch, float *text, float *best,
                      float *length2, int64_t *n_segments) {
    float *whole = scratch, *segment = whole + n_columns, *pairs = segment + n_columns, *scores = pairs + n_columns;
    size_t row_size = (size_t)n_columns * sizeof(float);
    int64_t n_chunks = offsets[n_texts], block = 0, block_end = 0;
    int32_t row_of_pair[BLOCK];
    for (int64_t t = 0; t < n_texts; t++) {
        float *best_of = best + t * (n_columns - 1);
        memset(whole, 0, row_size);
        memcpy(best_of, intercepts, row_size - sizeof(float));
        n_segments[t] = 0;
        for (int64_t i = offsets[t]; i < offsets[t + 1]; i++) {
            if (i == block_end) {
                block = i;
                block_end = i + BLOCK < n_chunks ? i + BLOCK : n_chunks;
                pair_rows(places, block, block_end, n_chunks, first, last, ends, contrasts, mask, bits, before, rows,
                          n_columns, row_of_pair);
            }
            if (i + AHEAD < n_chunks) prefetch_row(rows_of_chunks + places[i + AHEAD] * n_columns, n_columns);
            int is_last = i + 1 == offsets[t + 1] || ends[places[i]] || contrasts[places[i + 1]];
            if (i == offsets[t] || ends[places[i - 1]] || contrasts[places[i]]) {
                memset(segment, 0, row_size);
                memset(pairs, 0, row_size);
            }
            add_row(segment, rows_of_chunks + places[i] * n_columns, n_columns);
            if (!is_last) {
                int32_t row = row_of_pair[i - block];
                if (row >= 0) add_row(pairs, rows + row * n_columns, n_columns);
                continue;
            }
            add_row(segment, pairs, n_columns);
            add_row(whole, segment, n_columns);
            normalise(segment, intercepts, n_columns, n_segments[t] ? scores : best_of);
            if (n_segments[t]++) keep_highest(best_of, scores, n_columns - 1);
        }
        normalise(whole, intercepts, n_columns, text + t * (n_columns - 1));
        length2[t] = whole[n_columns - 1];
    }
}

/* language.ModelDetector.of_chunks, up to `exp`: scores by class, shape (n_classes, n_texts), less the highest of each text,
 * from sums of rows; and whether there are letters. The last of the n columns is the squared length. */
void language_exponents(const float *total, int64_t n_texts, int64_t n_columns, const float *intercepts, float *scores,
                        double *exponents, uint8_t *has_letters) {
    for (int64_t t = 0; t < n_texts; t++) {
        normalise(total + t * n_columns, intercepts, n_columns, scores);
        float highest = scores[0];
        for (int64_t k = 1; k < n_columns - 1; k++) highest = scores[k] > highest ? scores[k] : highest;
        for (int64_t k = 0; k < n_columns - 1; k++) exponents[k * n_texts + t] = (double)scores[k] - (double)highest;
        has_letters[t] = total[(t + 1) * n_columns - 1] > 0;
    }
}

/* The same, after `exp`, and language.choose_language. `columns` has the class of each language, -1 for none. */
void choose_language(const double *exponents, int64_t n_texts, int64_t n_classes, const int64_t *columns,
                     int64_t n_languages, const uint8_t *has_letters, int64_t *language, double *confidence) {
    for (int64_t t = 0; t < n_texts; t++) {
        double total = 0, ours = 0, sure = -1;
        for (int64_t k = 0; k < n_classes; k++) total += exponents[k * n_texts + t];
        for (int64_t k = 0; k < n_languages; k++) {
            double p = columns[k] < 0 ? 0 : exponents[columns[k] * n_texts + t] / total;
            ours += p;
            if (p > sure) {
                sure = p;
                language[t] = k;
            }
        }
        double other = 1 - ours > 0 ? 1 - ours : 0;
        if (!has_letters[t] || sure < other) language[t] = n_languages;
        confidence[t] = !has_letters[t] ? NAN : sure < other ? other : sure;
    }
}

/* heads.Layers._softmax, up to `exp`: scores of shape (n_texts, n_labels) less the highest of the same head, turned over to
 * (n_labels, n_texts). The labels of a head are those from its offset to the next. */
void head_exponents(const double *scores, int64_t n_texts, const int64_t *offsets, int64_t n_heads, double *exponents) {
    int64_t n_labels = offsets[n_heads];
    for (int64_t t = 0; t < n_texts; t++) {
        const double *of_text = scores + t * n_labels;
        for (int64_t head = 0; head < n_heads; head++) {
            double highest = of_text[offsets[head]];
            for (int64_t k = offsets[head] + 1; k < offsets[head + 1]; k++)
                highest = of_text[k] > highest ? of_text[k] : highest;
            for (int64_t k = offsets[head]; k < offsets[head + 1]; k++)
                exponents[k * n_texts + t] = of_text[k] - highest;
        }
    }
}

/* heads.Layers._softmax, after `exp`, and heads.decide: p, shape (n_labels, n_texts), becomes probabilities. `none` is the
 * place of "not mentioned" among the labels of a head, -1 for a choice. `factors` are 1 for the labels of dimensions. */
void decide(double *p, int64_t n_texts, const int64_t *offsets, const int64_t *none, const double *thresholds,
            const double *factors, int64_t n_heads, int64_t *labels, double *confidence) {
    for (int64_t head = 0; head < n_heads; head++) {
        double *of_head = p + offsets[head] * n_texts;
        const double *factor = factors + offsets[head];
        int64_t n_labels = offsets[head + 1] - offsets[head];
        for (int64_t t = 0; t < n_texts; t++) {
            double total = of_head[t];
            for (int64_t k = 1; k < n_labels; k++) total += of_head[k * n_texts + t];
            for (int64_t k = 0; k < n_labels; k++) of_head[k * n_texts + t] /= total;
            int64_t likeliest = none[head] == 0;
            for (int64_t k = likeliest + 1; k < n_labels; k++)
                if (k != none[head] &&
                    of_head[k * n_texts + t] * factor[k] > of_head[likeliest * n_texts + t] * factor[likeliest])
                    likeliest = k;
            double sure = of_head[likeliest * n_texts + t];
            if (none[head] >= 0) {
                sure = 1 - of_head[none[head] * n_texts + t];
                if (sure < thresholds[head]) likeliest = none[head];
            }
            labels[head * n_texts + t] = likeliest;
            confidence[head * n_texts + t] = sure;
        }
    }
}
