// Sorting and selection of 64-bit words by their bytes: as many steps for one input as for any other.
#pragma once

#include "kernel.h"

namespace strata {
namespace STRATA_ISA {

constexpr size_t kDigits = 256;

STRATA_INLINE size_t digitOf(uint64_t key, int shift) { return static_cast<size_t>(key >> shift) & (kDigits - 1); }

/** Below this many words, putting one after the other into its place is faster. */
constexpr size_t kFewKeys = 48;

STRATA_INLINE void insertionSort(uint64_t* keys, size_t n) {
  for (size_t i = 1; i < n; ++i) {
    const uint64_t key = keys[i];
    size_t j = i;
    for (; j > 0 && keys[j - 1] > key; --j) {
      keys[j] = keys[j - 1];
    }
    keys[j] = key;
  }
}

/**
 * Sorts by the bits from `shift` on, the least first; words that agree in them keep their order. `other` has room for n
 * words. Gives the array that holds the result, one of the two.
 */
STRATA_INLINE uint64_t* radixSort(uint64_t* keys, uint64_t* other, size_t n, int shift) {
  for (; shift < 64; shift += 8) {
    size_t starts[kDigits] = {};
    for (size_t i = 0; i < n; ++i) {
      ++starts[digitOf(keys[i], shift)];
    }
    if (n == 0 || starts[digitOf(keys[0], shift)] == n) {
      continue;  // the same digit everywhere
    }
    size_t next = 0;
    for (size_t& start : starts) {
      const size_t count = start;
      start = next;
      next += count;
    }
    for (size_t i = 0; i < n; ++i) {
      other[starts[digitOf(keys[i], shift)]++] = keys[i];
    }
    uint64_t* const sorted = other;
    other = keys;
    keys = sorted;
  }
  return keys;
}

/** Moves the k ≤ n greatest words, which are all different, to the front, in any order. */
STRATA_INLINE void selectGreatest(uint64_t* keys, size_t n, size_t k) {
  size_t begin = 0;  // words before it are among the greatest,
  size_t end = n;    // words from it on are not
  for (int shift = 56; end > k && begin < k; shift -= 8) {
    size_t counts[kDigits] = {};
    for (size_t i = begin; i < end; ++i) {
      ++counts[digitOf(keys[i], shift)];
    }
    // Those of greater digits than `digit` are taken, those of `digit` are looked at again.
    size_t digit = kDigits - 1;
    for (size_t wanted = k - begin; counts[digit] < wanted; --digit) {
      wanted -= counts[digit];
    }
    for (size_t i = begin; i < end;) {
      const uint64_t key = keys[i];
      const size_t found = digitOf(key, shift);
      if (found > digit) {
        keys[i++] = keys[begin];
        keys[begin++] = key;
      } else if (found < digit) {
        keys[i] = keys[--end];
        keys[end] = key;
      } else {
        ++i;
      }
    }
  }
}

}  // namespace STRATA_ISA
}  // namespace strata
