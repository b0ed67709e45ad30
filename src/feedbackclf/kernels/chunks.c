/* Texts cut into chunks, see feedbackclf.chunks. */

#include "kernels.h"

/* The number of bytes of the white space that begins here, 0 for anything else. */
static inline int64_t white_space(const uint8_t *at) {
    if (at[0] < 0x80) return at[0] == 32 || (at[0] >= 9 && at[0] <= 13) || (at[0] >= 28 && at[0] <= 31);
    if (at[0] == 0xC2) return at[1] == 0x85 || at[1] == 0xA0 ? 2 : 0;
    if (at[0] == 0xE1) return at[1] == 0x9A && at[2] == 0x80 ? 3 : 0;
    if (at[0] == 0xE3) return at[1] == 0x80 && at[2] == 0x80 ? 3 : 0;
    if (at[0] != 0xE2) return 0;
    if (at[1] == 0x81) return at[2] == 0x9F ? 3 : 0;
    return at[1] == 0x80 && (at[2] <= 0x8A || at[2] == 0xA8 || at[2] == 0xA9 || at[2] == 0xAF) ? 3 : 0;
}

static inline int is_stop(uint8_t byte) { return byte == '.' || byte == '!' || byte == '?'; }

static inline int capital_begins(const uint8_t *at) {
    return (at[0] >= 'A' && at[0] <= 'Z') || (at[0] == 0xC3 && at[1] >= 0x80 && at[1] <= 0x9E && at[1] != 0x97);
}

static inline int small_letter_ends(const uint8_t *data, int64_t at, int64_t begin) {
    if (data[at] >= 'a' && data[at] <= 'z') return 1;
    return at > begin && data[at - 1] == 0xC3 && data[at] >= 0x9F && data[at] <= 0xBF && data[at] != 0xB7;
}

static inline uint64_t mix(uint64_t h) {
    h *= PRIME;
    h ^= h >> 32;
    h *= 0xC4CEB9FE1A85EC53ULL;
    return h ^ h >> 32;
}

static inline uint64_t up_to_eight(const uint8_t *at, int64_t n) {
    uint64_t bytes;
    memcpy(&bytes, at, 8);
    return n >= 8 ? bytes : bytes & (((uint64_t)1 << (8 * n)) - 1);
}

static uint64_t hash_of(const uint8_t *at, int64_t n) {
    uint64_t h = mix(up_to_eight(at, n) ^ ((uint64_t)n * PRIME));
    for (int64_t k = 8; k < n; k += 8) h = mix(h ^ up_to_eight(at + k, n - k));
    return h;
}

/* The number of bytes from here on, at most 8, before one that may end a chunk: below "0", above 127, or "?". */
static inline int64_t plain_bytes(const uint8_t *at) {
    const uint64_t ones = 0x0101010101010101ULL, high = ones << 7;
    uint64_t bytes, mark;
    memcpy(&bytes, at, 8);
    mark = bytes ^ (ones * '?');
    mark = (((bytes | high) - ones * '0') ^ high) | bytes | (((mark | high) - ones) ^ high);
    mark &= high;
    return mark ? __builtin_ctzll(mark) / 8 : 8;
}

/* feedbackclf.chunks.chunk_texts: start, end and hash of each chunk, and where each text begins in them; how many. */
int64_t cut_texts(const uint8_t *data, const int64_t *bounds, int64_t n_texts, int64_t longest, int64_t *start,
                  int64_t *end, uint64_t *hashes, int64_t *offsets) {
    int64_t n = 0;
    for (int64_t text = 0; text < n_texts; text++) {
        int64_t at = bounds[text], stop = bounds[text + 1], begin = -1;
        offsets[text] = n;
        while (at <= stop) {
            int64_t white = at < stop ? white_space(data + at) : 1;
            int cut = white > 0;
            if (!cut && begin >= 0 && is_stop(data[at - 1]) && capital_begins(data + at)) {
                int64_t before = at - 1;
                while (before >= begin && is_stop(data[before])) before--;
                cut = before >= begin && small_letter_ends(data, before, begin);
            }
            if (cut && begin >= 0) {
                for (int64_t part = begin, k = 1; part < at; k++) {
                    int64_t next = begin + k * longest;
                    for (int back = 0; back < 3 && next < at; back++) next -= (data[next] & 0xC0) == 0x80;
                    if (next > at) next = at;
                    start[n] = part;
                    end[n] = next;
                    hashes[n++] = hash_of(data + part, next - part);
                    part = next;
                }
                begin = -1;
            }
            if (white) {
                at += white;
                continue;
            }
            if (begin < 0) begin = at;
            if (is_stop(data[at++])) continue; /* a capital may follow */
            for (int64_t plain = 8; plain == 8 && at < stop; at += plain) plain = plain_bytes(data + at);
            if (at > stop) at = stop;
        }
    }
    offsets[n_texts] = n;
    return n;
}

/* A character whose bytes are at *at, which moves on; -1 if they are no UTF-8. */
static inline int64_t character(const uint8_t **at) {
    const uint8_t *byte = *at;
    int64_t code = *byte++, more = code < 0x80 ? 0 : code < 0xC2 ? -1 : code < 0xE0 ? 1 : code < 0xF0 ? 2 : 3;
    if (more < 0 || code > 0xF4) return -1;
    if (more) code &= 0x3F >> more;
    for (; more; more--) {
        if ((*byte & 0xC0) != 0x80) return -1;
        code = code << 6 | (*byte++ & 0x3F);
    }
    *at = byte;
    return code > 0x10FFFF ? -1 : code;
}

/* Whether a character never changes when accents are composed: Latin letters, punctuation, symbols, most emoji. */
static inline int is_composed(int64_t code) {
    if (code < 0x300) return 1;
    if (code > 0x2001 && code < 0x2C00)
        return !(code >= 0x20D0 && code < 0x2100) && code != 0x2126 && code != 0x212A && code != 0x212B &&
               code != 0x2329 && code != 0x232A && code != 0x2ADC;
    return code == 0xFE0F || (code >= 0x1F000 && code < 0x1FB00);
}

/* feedbackclf.chunks.ChunkedTexts.codes: the code points of some of the chunks, parted by line ends, and how many they
 * are; -1 if they may have to be composed. */
int64_t join_codes(const uint8_t *data, const int64_t *start, const int64_t *end, const int64_t *which, int64_t n,
                   uint32_t *codes) {
    int64_t size = 0;
    for (int64_t i = 0; i < n; i++) {
        const uint8_t *at = data + start[which[i]], *stop = data + end[which[i]];
        if (i) codes[size++] = '\n';
        while (at < stop) {
            int64_t code = character(&at);
            if (code < 0 || !is_composed(code)) return -1;
            codes[size++] = (uint32_t)code;
        }
    }
    return size;
}
