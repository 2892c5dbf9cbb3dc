// How element-wise loops write their results. Measured over chains of kernels: announcing the writes ahead saves a tenth
// and more once an array has left the second-level cache; from some 32 MiB on, results that bypass the caches save the
// reads of what they overwrite, and half of the time. Below that they cost: the next kernel finds nothing in the cache.
#pragma once

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

#include "simd/vector.h"

namespace strata {
namespace STRATA_ISA {

/** Results of so many bytes go past the caches. */
constexpr size_t kStreamBytes = size_t{32} << 20;
/** Elements between a write and the one that is announced. */
constexpr size_t kWriteAhead = 256;

/** Whether `to`, in an array of so many bytes, may be stored to past the caches: such stores want whole vectors. */
STRATA_INLINE bool streams(const void* to, size_t bytes) {
  return bytes >= kStreamBytes && reinterpret_cast<uintptr_t>(to) % sizeof(Vector) == 0;
}

/** Stores a vector, past the caches where `stream` says so: then `to` is aligned, and endStream() follows the last. */
STRATA_INLINE void store(float* to, Vector value, bool stream) {
#if defined(__SSE2__)
  if (stream) {
#if defined(__AVX512F__)
    _mm512_stream_ps(to, reinterpret_cast<__m512>(value));
#elif defined(__AVX2__)
    _mm256_stream_ps(to, reinterpret_cast<__m256>(value));
#else
    _mm_stream_ps(to, reinterpret_cast<__m128>(value));
#endif
    return;
  }
#endif
  (void)stream;
  __builtin_prefetch(to + kWriteAhead, 1);
  store(to, value);
}
STRATA_INLINE void store(int32_t* to, IntVector value, bool stream) {
  store(reinterpret_cast<float*>(to), bitsToFloat(value), stream);
}

/** Makes streamed results visible to other threads in the order of ordinary ones. */
STRATA_INLINE void endStream(bool stream) {
#if defined(__SSE2__)
  if (stream) {
    _mm_sfence();
  }
#else
  (void)stream;
#endif
}

}  // namespace STRATA_ISA
}  // namespace strata
