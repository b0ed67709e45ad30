/* Numbers for hashes, see feedbackclf.hash_index.HashIndex. */

#include "kernels.h"

/* hash_index.are_among: whether each hash is one of some that are sorted. */
void are_among(const uint64_t *hashes, int64_t n, const uint64_t *ascending, int64_t n_ascending, uint8_t *among) {
    for (int64_t i = 0; i < n; i++) among[i] = (uint8_t)is_in(hashes[i], ascending, n_ascending);
}

/* HashIndex.number: a hash without a number gets the next one, *size, and `first` says where it stands. The result is how
 * many hashes are done; more than half of the slots are never taken. */
int64_t number_hashes(const uint64_t *hashes, int64_t n, int64_t done, uint64_t *keys, int32_t *values, int64_t bits,
                      int64_t known, int64_t *size, int32_t *numbers, int64_t *first) {
    uint64_t mask = ((uint64_t)1 << bits) - 1;
    for (; done < n; done++) {
        if (done + AHEAD < n) PREFETCH(keys + (((hashes[done + AHEAD] | 1) * PRIME) >> (64 - bits)));
        uint64_t key = hashes[done] | 1, slot = (key * PRIME) >> (64 - bits);
        while (keys[slot] && keys[slot] != key) slot = (slot + 1) & mask;
        if (!keys[slot]) {
            if (2 * (*size + 1) > (int64_t)mask + 1) break;
            keys[slot] = key;
            values[slot] = (int32_t)*size;
            first[*size - known] = done;
            ++*size;
        }
        numbers[done] = values[slot];
    }
    return done;
}
