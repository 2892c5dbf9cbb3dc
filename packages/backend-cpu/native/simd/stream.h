// Stores that pass the caches by, for results too large to be found there later: such a store does not read the line that
// it overwrites, and lines of one cache set do not push each other out.
#pragma once

#include "simd/vector.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace strata {
namespace STRATA_ISA {

/** Floats in a cache line; `stream` wants whole lines filled one soon after the other. */
constexpr size_t kLine = 16;

/** From this many elements of four bytes on (8 MiB, more than a core's own caches) copies are streamed. */
constexpr size_t kStreamed = size_t{1} << 21;

/**
 * From so many bytes on, results of element-wise loops are. Measured over chains of kernels: bypassing the caches saves the
 * reads of what they overwrite, and half of the time. Below that it costs: the next kernel finds nothing in the cache.
 */
constexpr size_t kStreamBytes = size_t{32} << 20;
/** Elements between a write and the one that is announced: a tenth saved once an array has left the second-level cache. */
constexpr size_t kWriteAhead = 256;

STRATA_INLINE bool isLineAligned(const void* pointer) { return (reinterpret_cast<uintptr_t>(pointer) & 63) == 0; }

/** Stores to an address that is a multiple of the vector's size. Call endStream() before others may read it. */
STRATA_INLINE void stream(float* to, Vector value) {
#if defined(__AVX512F__)
  _mm512_stream_ps(to, reinterpret_cast<__m512>(value));
#elif defined(__AVX2__)
  _mm256_stream_ps(to, reinterpret_cast<__m256>(value));
#elif defined(__SSE2__)
  _mm_stream_ps(to, reinterpret_cast<__m128>(value));
#else
  store(to, value);
#endif
}

/** Puts streamed stores before every later one. */
STRATA_INLINE void endStream() {
#if defined(__SSE2__)
  _mm_sfence();
#endif
}

/** Copies n floats without keeping them in the caches; `to` need not be aligned. */
STRATA_INLINE void streamRun(float* to, const float* from, size_t n) {
  const size_t ahead = (0 - (reinterpret_cast<uintptr_t>(to) >> 2)) % kLine;
  size_t i = ahead < n ? ahead : n;
  __builtin_memcpy(to, from, i * sizeof(float));
  for (; i + kLine <= n; i += kLine) {
    for (size_t part = 0; part < kLine; part += kLanes) {
      stream(to + i + part, load(from + i + part));
    }
  }
  __builtin_memcpy(to + i, from + i, (n - i) * sizeof(float));
}

/** Whether an element-wise result at `to`, in an array of so many bytes, is streamed: that wants whole vectors. */
STRATA_INLINE bool streams(const void* to, size_t bytes) {
  return bytes >= kStreamBytes && reinterpret_cast<uintptr_t>(to) % sizeof(Vector) == 0;
}

/** Stores a vector, past the caches where `past` says so: then `to` is aligned, and endStream(past) follows the last. */
STRATA_INLINE void store(float* to, Vector value, bool past) {
  if (past) {
    stream(to, value);
    return;
  }
  __builtin_prefetch(to + kWriteAhead, 1);
  store(to, value);
}
STRATA_INLINE void store(int32_t* to, IntVector value, bool past) {
  store(reinterpret_cast<float*>(to), bitsToFloat(value), past);
}

STRATA_INLINE void endStream(bool past) {
  if (past) {
    endStream();
  }
}

}  // namespace STRATA_ISA
}  // namespace strata
