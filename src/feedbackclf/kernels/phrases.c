/* What filters find in texts, see feedbackclf.phrases. */

#include "kernels.h"

#include <math.h>

#define MAX_FILTERS 512 /* phrases.MAX_FILTERS */
#define SAFE 32         /* chunks at which no sum has outgrown 16 bits, see phrases.LARGEST_TAP and LARGEST_BIAS */

/* Numbers below these are whole when they have been added and taken away again: rounded as by `rint`. */
#define ROUND_FLOAT 12582912.0F
#define ROUND_DOUBLE 6755399441055744.0

/* phrases.PhraseNetwork._inside: embeddings divided by their length, which comes last, and made whole numbers. */
FAST void scale_embeddings(const int32_t *embedded, int64_t n_chunks, int64_t n_dims, double gain, double furthest,
                           float *inside) {
    for (int64_t i = 0; i < n_chunks; i++) {
        const int32_t *of_chunk = embedded + i * (n_dims + 1);
        float *out = inside + i * n_dims;
        double scale = gain / sqrt((double)(of_chunk[n_dims] > 1 ? of_chunk[n_dims] : 1));
        for (int64_t k = 0; k < n_dims; k++) {
            double x = of_chunk[k] * scale;
            x = x < -furthest ? -furthest : x > furthest ? furthest : x;
            out[k] = (float)((x + ROUND_DOUBLE) - ROUND_DOUBLE);
        }
    }
}

/* phrases.PhraseNetwork.taps, the end of it. */
FAST void round_taps(const float *products, const float *units, int64_t n_chunks, int64_t width, int64_t largest,
                     int8_t *taps) {
    float furthest = (float)largest;
    for (int64_t i = 0; i < n_chunks; i++) {
        const float *of_chunk = products + i * width;
        int8_t *out = taps + i * width;
        for (int64_t k = 0; k < width; k++) {
            float x = of_chunk[k] * units[k];
            x = x < -furthest ? -furthest : x > furthest ? furthest : x;
            out[k] = (int8_t)(int32_t)((x + ROUND_FLOAT) - ROUND_FLOAT);
        }
    }
}

/* The filters at one chunk. */
static inline void apply(const int8_t *restrict before, const int8_t *restrict here, const int8_t *restrict after,
                         const int16_t *restrict bias, int64_t n, int16_t *restrict highest, int16_t *restrict sums) {
    for (int64_t k = 0; k < n; k++) {
        int16_t found = (int16_t)(before[k] + here[k] + after[k] + bias[k]);
        found = found > 0 ? found : 0;
        highest[k] = found > highest[k] ? found : highest[k];
        sums[k] = (int16_t)(sums[k] + found);
    }
}

/* phrases.PhraseNetwork.pooled: of each text the highest value of each filter, and then their sums divided by the root of
 * the number of chunks. A filter adds up what `taps` has of it for the chunk before, the chunk itself and the one after. */
FAST void read_phrases(const int32_t *places, const int64_t *offsets, int64_t n_texts, const int8_t *taps,
                       const int16_t *bias, int64_t n_filters, float *pooled) {
    static const int8_t nothing[MAX_FILTERS];
    int16_t highest[MAX_FILTERS], sums[MAX_FILTERS];
    int64_t total[MAX_FILTERS], width = 3 * n_filters, n_chunks = offsets[n_texts];
    for (int64_t t = 0; t < n_texts; t++) {
        int64_t begin = offsets[t], end = offsets[t + 1];
        float *of_text = pooled + t * 2 * n_filters;
        double root = end > begin ? sqrt((double)(end - begin)) : 1;
        memset(highest, 0, sizeof(highest));
        memset(total, 0, sizeof(total));
        for (int64_t i = begin; i < end;) {
            int64_t stop = end - i < SAFE ? end : i + SAFE;
            memset(sums, 0, sizeof(sums));
            for (; i < stop; i++) {
                if (i + AHEAD < n_chunks)
                    for (int64_t k = 0; k < width; k += 64) PREFETCH(taps + places[i + AHEAD] * width + k);
                apply(i > begin ? taps + places[i - 1] * width : nothing, taps + places[i] * width + n_filters,
                      i + 1 < end ? taps + places[i + 1] * width + 2 * n_filters : nothing, bias, n_filters, highest, sums);
            }
            for (int64_t k = 0; k < n_filters; k++) total[k] += sums[k];
        }
        for (int64_t k = 0; k < n_filters; k++) {
            of_text[k] = highest[k];
            of_text[n_filters + k] = (float)((double)total[k] / root);
        }
    }
}
