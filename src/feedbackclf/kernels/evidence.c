/* What each chunk of a text adds to the labels, see feedbackclf.contributions and feedbackclf.evidence.
 *
 * `jobs` has, for each text and head, the row of that pair in what there is one of for each pair; -1 where nobody asks. */

#include "kernels.h"

#include <math.h>

#define MAX_FILTERS 512 /* phrases.MAX_FILTERS */

/* The square root of a squared length, as scoring.normalise divides by it. */
static inline double length_of(float length2) { return length2 > 0 ? sqrt((double)length2) : 1; }

/* What a row adds in the directions of some pairs, which stand side by side column by column. */
static inline void add_products(const float *row, const double *directions, int64_t n_columns, int64_t n,
                                double *restrict sums) {
    memset(sums, 0, (size_t)n * sizeof(double));
    for (int64_t c = 0; c < n_columns; c++)
        for (int64_t k = 0; k < n; k++) sums[k] += (double)row[c] * directions[c * n + k];
}

/* contributions._of_columns. `directions` has, for each pair, a factor for the text's score in each column and then one for
 * that of its best segment. `segment_sums` are those of rows in `segment_start`, and `text_start` says which segments a text
 * has. `pairs` is the row of the word pair behind each chunk, `n_columns` the number of columns without the squared length.
 * `scratch` has room for (n_columns + 2) * n_heads numbers. */
FAST void share_columns(const int32_t *places, const int64_t *offsets, int64_t n_texts, const float *rows_of_chunks,
                        const float *rows, const int32_t *pairs, const int64_t *segment_start,
                        const int64_t *text_start, const float *length2, const int64_t *best, int64_t n_columns,
                        const int64_t *jobs, int64_t n_heads, const double *directions, double *scratch,
                        double *weights) {
    double *of_chunk = scratch, *of_pair = of_chunk + n_heads, *both = of_pair + n_heads;
    int64_t width = n_columns + 1, n_chunks = offsets[n_texts];
    for (int64_t t = 0; t < n_texts; t++) {
        const int64_t *job = jobs + t * n_heads;
        int64_t n = 0;
        for (int64_t h = 0; h < n_heads; h++) n += job[h] >= 0;
        if (!n) continue;
        float text_length2 = 0;
        for (int64_t s = text_start[t]; s < text_start[t + 1]; s++) text_length2 += length2[s];
        double of_text = length_of(text_length2);
        for (int64_t s = text_start[t]; s < text_start[t + 1]; s++) {
            double of_segment = length_of(length2[s]);
            for (int64_t c = 0; c < n_columns; c++) {
                int64_t k = 0, is_best = best[t * n_columns + c] == s;
                for (int64_t h = 0; h < n_heads; h++) {
                    if (job[h] < 0) continue;
                    const double *direction = directions + job[h] * 2 * n_columns;
                    double more = is_best ? direction[n_columns + c] / of_segment : 0;
                    both[c * n + k++] = direction[c] / of_text + more;
                }
            }
            for (int64_t i = segment_start[s]; i < segment_start[s + 1]; i++) {
                if (i + AHEAD < n_chunks) {
                    prefetch_row(rows_of_chunks + places[i + AHEAD] * width, width);
                    prefetch_row(rows + pairs[i + AHEAD] * width, width);
                }
                int is_pair = i + 1 < segment_start[s + 1];
                add_products(rows_of_chunks + places[i] * width, both, n_columns, n, of_chunk);
                if (is_pair) add_products(rows + pairs[i] * width, both, n_columns, n, of_pair);
                for (int64_t h = 0, k = 0; h < n_heads; h++) {
                    if (job[h] < 0) continue;
                    weights[i * n_heads + h] += of_chunk[k];
                    if (is_pair) {
                        weights[i * n_heads + h] += of_pair[k] / 2;
                        weights[(i + 1) * n_heads + h] += of_pair[k] / 2;
                    }
                    k++;
                }
            }
        }
    }
}

/* contributions._of_phrases, in whole numbers. `once` and `always` have, for each pair, factors of the highest value of each
 * filter and of each value. A value is of the chunk, of the one before and of the one after; each gets its part. */
FAST void share_phrases(const int32_t *places, const int64_t *offsets, int64_t n_texts, const int8_t *taps,
                        const int16_t *bias, int64_t n_filters, const int64_t *jobs, int64_t n_heads,
                        const int32_t *once, const int32_t *always, int64_t *shares) {
    static const int8_t nothing[MAX_FILTERS];
    int32_t highest[MAX_FILTERS], first[MAX_FILTERS];
    int32_t own[MAX_FILTERS], from_before[MAX_FILTERS], from_after[MAX_FILTERS];
    int64_t width = 3 * n_filters;
    for (int64_t t = 0; t < n_texts; t++) {
        const int64_t *job = jobs + t * n_heads;
        int64_t n = 0, begin = offsets[t], end = offsets[t + 1];
        for (int64_t h = 0; h < n_heads; h++) n += job[h] >= 0;
        if (!n) continue;
        memset(highest, 0, sizeof(highest));
        memset(first, -1, sizeof(first));
        for (int64_t pass = 0; pass < 2; pass++) {
            for (int64_t i = begin; i < end; i++) {
                const int8_t *before = i > begin ? taps + places[i - 1] * width : nothing;
                const int8_t *here = taps + places[i] * width + n_filters;
                const int8_t *after = i + 1 < end ? taps + places[i + 1] * width + 2 * n_filters : nothing;
                if (!pass) {
                    int32_t place = (int32_t)(i - begin);
                    for (int64_t f = 0; f < n_filters; f++) {
                        int32_t found = before[f] + here[f] + after[f] + bias[f];
                        int is_higher = found > highest[f];
                        highest[f] = is_higher ? found : highest[f];
                        first[f] = is_higher ? place : first[f];
                    }
                    continue;
                }
                for (int64_t f = 0; f < n_filters; f++) {
                    int32_t is_on = before[f] + here[f] + after[f] + bias[f] > 0 ? -1 : 0;
                    own[f] = (here[f] + bias[f]) & is_on;
                    from_before[f] = before[f] & is_on;
                    from_after[f] = after[f] & is_on;
                }
                for (int64_t h = 0; h < n_heads; h++) {
                    if (job[h] < 0) continue;
                    const int32_t *of_highest = once + job[h] * n_filters, *of_all = always + job[h] * n_filters;
                    int64_t mine = 0, previous = 0, next = 0;
                    int32_t place = (int32_t)(i - begin);
                    for (int64_t f = 0; f < n_filters; f++) {
                        int32_t factor = of_all[f] + (first[f] == place ? of_highest[f] : 0);
                        mine += (int64_t)own[f] * factor;
                        previous += (int64_t)from_before[f] * factor;
                        next += (int64_t)from_after[f] * factor;
                    }
                    shares[i * n_heads + h] += mine;
                    if (i > begin) shares[(i - 1) * n_heads + h] += previous;
                    if (i + 1 < end) shares[(i + 1) * n_heads + h] += next;
                }
            }
        }
    }
}

/* evidence._runs: of each size up to `longest` the run with the highest sum, and of several the first. `highest` and `where`
 * have a row of `longest` for each pair; what is there stays where a text has fewer chunks. */
void best_runs(const int64_t *weights, const int64_t *offsets, int64_t n_texts, const int64_t *jobs, int64_t n_heads,
               int64_t longest, int64_t *sums, int64_t *highest, int64_t *where) {
    for (int64_t t = 0; t < n_texts; t++) {
        int64_t n = offsets[t + 1] - offsets[t];
        for (int64_t h = 0; h < n_heads; h++) {
            int64_t job = jobs[t * n_heads + h];
            if (job < 0) continue;
            const int64_t *of_chunk = weights + offsets[t] * n_heads + h;
            sums[0] = 0;
            for (int64_t i = 0; i < n; i++) sums[i + 1] = sums[i] + of_chunk[i * n_heads];
            for (int64_t size = 1; size <= longest && size <= n; size++) {
                int64_t most = sums[size], at = 0;
                for (int64_t i = 1; i + size <= n; i++) {
                    int64_t sum = sums[i + size] - sums[i];
                    if (sum > most) {
                        most = sum;
                        at = i;
                    }
                }
                highest[job * longest + size - 1] = most;
                where[job * longest + size - 1] = at;
            }
        }
    }
}
