/* Where lines and tokens are in an array of code points, see feedbackclf.tokens and feedbackclf.shapes. */

#include "kernels.h"

#define LETTER 1

/* shapes._lines: start and end of every line that is not empty; how many there are. */
int64_t split_lines(const uint32_t *codes, int64_t size, int64_t *start, int64_t *end) {
    int64_t n = 0, begin = 0;
    for (int64_t at = 0; at <= size; at++) {
        if (at < size && codes[at] != '\n') continue;
        if (at > begin) {
            start[n] = begin;
            end[n++] = at;
        }
        begin = at + 1;
    }
    return n;
}

/* tokens.tokenize_chunks: tokens reach from a start to the next one, or to the end of the line; how many there are. */
int64_t find_tokens(const uint32_t *codes, const uint8_t *is_start, int64_t size, int64_t *start, int64_t *length,
                    int64_t *chunk) {
    int64_t n = 0, line = 0, open = 0;
    for (int64_t at = 0; at <= size; at++) {
        int is_line_end = at == size || codes[at] == '\n';
        if (open && (is_line_end || is_start[at])) {
            length[n - 1] = at - start[n - 1];
            open = 0;
        }
        if (is_line_end) {
            line++;
        } else if (is_start[at]) {
            start[n] = at;
            chunk[n++] = line;
            open = 1;
        }
    }
    return n;
}

/* tokens.letter_runs: how many runs there are, or -1 if `kinds` (see fold_words) lacks a character. */
int64_t find_letters(const uint32_t *codes, const uint32_t *kinds, int64_t size, int64_t *start, int64_t *length,
                     int64_t *chunk) {
    int64_t n = 0, line = 0, begin = -1;
    for (int64_t at = 0; at <= size; at++) {
        uint32_t kind = at < size ? kinds[codes[at]] : 1;
        if (!kind) return -1;
        if ((kind - 1) & LETTER) {
            if (begin < 0) begin = at;
            continue;
        }
        if (begin >= 0) {
            start[n] = begin;
            length[n] = at - begin;
            chunk[n++] = line;
            begin = -1;
        }
        if (at < size && codes[at] == '\n') line++;
    }
    return n;
}
