/* Shapes of chunks, see feedbackclf.shapes. */

#include "kernels.h"

/* ShapeTokenizer._shapes: `shape` has letters and digits that count as themselves, the others as `of_character` says (a
 * number more, as in fold_words; the result is -1 if a character is not known yet, else 0). Besides: which characters are
 * kept, which chunks need a closer look, and the hash of what is kept of each. */
int64_t shapes(const uint32_t *codes, const uint32_t *of_character, int64_t size, uint32_t *shape, const int64_t *start,
               const int64_t *end, int64_t n, const uint64_t *at_end, int64_t n_at_end, const uint64_t *inside,
               int64_t n_inside, const uint32_t *before_quote, int64_t n_before_quote, int64_t longest_chunk,
               int64_t longest_unit, uint8_t *keep, uint8_t *closer, uint64_t *hashes) {
    const uint32_t small = 'q', capital = 'Q', digit = '5';
    for (int64_t at = 0; at < size; at++) {
        if (!of_character[codes[at]]) return -1;
        shape[at] = of_character[codes[at]] - 1;
    }
    for (int64_t i = 0; i < n; i++) {
        int64_t stop = end[i], dots = 0, place = start[i], letters_end = -1, digits_end = -1;
        uint8_t close = stop - start[i] > longest_chunk;
        while (place < stop) {
            int kind = shape[place] == digit ? 1 : shape[place] == small || shape[place] == capital ? 2 : 0;
            if (!kind) {
                uint32_t code = codes[place];
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
            for (int64_t k = 0; kind == 2 && next == '\'' && k < n_before_quote; k++)
                if (codes[place - 1] == before_quote[k]) shape[place - 1] = codes[place - 1];
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
    return 0;
}

/* ShapeTokenizer.starts: mark where the tokens of some chunks begin. The tokens of shape `numbers[i]` begin at the kept
 * characters `starts[offsets[number]:offsets[number + 1]]` of a chunk, ascending. */
void mark_starts(const uint8_t *keep, const int64_t *start, const int64_t *end, const int64_t *which, int64_t n,
                 const int32_t *numbers, const int64_t *offsets, const int64_t *starts, uint8_t *is_start) {
    for (int64_t i = 0; i < n; i++) {
        const int64_t *next = starts + offsets[numbers[i]], *stop = starts + offsets[numbers[i] + 1];
        int64_t kept = 0;
        for (int64_t at = start[which[i]]; at < end[which[i]] && next < stop; at++) {
            if (!keep[at]) continue;
            if (kept++ == *next) {
                is_start[at] = 1;
                next++;
            }
        }
    }
}
