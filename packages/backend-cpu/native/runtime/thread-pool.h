// One pool of threads for the whole process, shared by every JavaScript thread that loads the addon.
#pragma once

#include <stddef.h>

namespace strata {

constexpr int kMaxThreads = 256;

/** How many threads (the caller's included) a loop may use from now on; clamped to [1, kMaxThreads]. */
void setThreads(int count);
int threads();

/** A piece [begin, end) of a loop, run by thread `slot`, 0 ≤ slot < limit. */
using LoopBody = void (*)(void* context, size_t begin, size_t end, int slot);

/**
 * Runs `body` over [0, n) in pieces of `grain` (the last may be shorter), on at most `limit` threads, and returns when
 * all are done. The pieces are the same whatever the number of threads; only who runs them differs. A loop that finds
 * the pool busy with another JavaScript thread's loop runs on its caller alone.
 */
void runLoop(size_t n, size_t grain, int limit, LoopBody body, void* context);

}  // namespace strata
