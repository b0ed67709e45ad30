/* Numbers for hashes, see feedbackclf.hash_index.HashIndex. */

#include "kernels.h"

/* HashIndex.find: the number of each hash, -1 where it has none. */
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

/* HashIndex.add: numbers for hashes that have none yet, from *size on; the first place of each. */
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
