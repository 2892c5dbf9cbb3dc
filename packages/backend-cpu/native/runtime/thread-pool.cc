// A loop is offered to sleeping or spinning workers through one word, `state`: generation << 16 | open << 15 | joined.
// A worker takes part only by raising `joined` while the loop is open, so the submitter never waits for workers that
// woke too late: it closes the loop when no piece is left and waits for those that had joined.
#include "runtime/thread-pool.h"

#include <stdint.h>

#include <atomic>

#include "runtime/system-threads.h"

namespace strata {

namespace {

constexpr uint64_t kOpen = 1u << 15;
constexpr uint64_t kJoined = kOpen - 1;
constexpr int kGenerationShift = 16;
/**
 * How long an idle worker looks for the next loop before it sleeps: longer than the gaps between the kernels of one step.
 * Waking costs more than a small kernel: with 50 µs here a step of ResNet-20 took an eighth longer.
 */
constexpr int64_t kSpinNanoseconds = 500'000;

struct Loop {
  LoopBody body;
  void* context;
  size_t n;
  size_t grain;
  int limit;
};

/**
 * The pieces that a slot takes first: the same part of every loop, since what one kernel wrote the next one reads, and
 * fetching it from another core's cache costs more than from one's own. What is left of other shares it takes afterwards.
 */
struct alignas(64) Share {
  std::atomic<size_t> next{0};
  size_t end = 0;
};

// All of this is constant-initialised and never destroyed: workers are detached and outlive main().
Loop loop;
Share shares[kMaxThreads];
std::atomic<uint64_t> state{0};
std::atomic<int> sleepers{0};
std::atomic<int> threadLimit{1};
Mutex submission;
Mutex sleep;
Condition wake;
int workers = 0;  // guarded by `submission`

inline void relax() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

inline bool offered(uint64_t word, uint64_t seen) {
  return (word & kOpen) != 0 && (word >> kGenerationShift) != seen;
}

void runPieces(int slot) {
  const Loop current = loop;
  for (int turn = 0; turn < current.limit; ++turn) {
    Share& share = shares[slot + turn < current.limit ? slot + turn : slot + turn - current.limit];
    for (;;) {
      const size_t piece = share.next.fetch_add(1, std::memory_order_relaxed);
      if (piece >= share.end) {
        break;
      }
      const size_t begin = piece * current.grain;
      const size_t end = current.n - begin < current.grain ? current.n : begin + current.grain;
      current.body(current.context, begin, end, slot);
    }
  }
}

/** Divides the pieces evenly among the slots; earlier slots have one more where it does not come out even. */
void dividePieces(size_t pieces, int limit) {
  const size_t slots = static_cast<size_t>(limit);
  size_t begin = 0;
  for (size_t slot = 0; slot < slots; ++slot) {
    const size_t end = begin + pieces / slots + (slot < pieces % slots ? 1 : 0);
    shares[slot].next.store(begin, std::memory_order_relaxed);
    shares[slot].end = end;
    begin = end;
  }
}

/** Waits, spinning first, until a loop with another generation than `seen` is open. */
void awaitLoop(uint64_t seen) {
  const int64_t start = monotonicNanoseconds();
  do {
    for (int i = 0; i < 64; ++i) {
      if (offered(state.load(std::memory_order_acquire), seen)) {
        return;
      }
      relax();
    }
  } while (monotonicNanoseconds() - start < kSpinNanoseconds);
  sleep.lock();
  sleepers.fetch_add(1, std::memory_order_seq_cst);
  while (!offered(state.load(std::memory_order_seq_cst), seen)) {
    wake.wait(sleep);
  }
  sleepers.fetch_sub(1, std::memory_order_relaxed);
  sleep.unlock();
}

void work(int slot) {
  uint64_t seen = 0;
  for (;;) {
    awaitLoop(seen);
    uint64_t word = state.load(std::memory_order_acquire);
    while (offered(word, seen)) {
      if (state.compare_exchange_weak(word, word + 1, std::memory_order_acq_rel)) {
        seen = word >> kGenerationShift;
        if (slot < loop.limit) {
          runPieces(slot);
        }
        state.fetch_sub(1, std::memory_order_acq_rel);
        break;
      }
    }
  }
}

/** Starts workers until there are `count`, or as many as the system gives. Called with `submission` held. */
void startWorkers(int count) {
  if (workers >= count) {
    return;
  }
  if (workers == 0) {
    // Node closes an addon when the worker thread that loaded it ends, but the pool's threads still run its code.
    pinLibrary();
  }
  while (workers < count && startThread<work>(workers + 1)) {
    ++workers;
  }
}

void runAlone(size_t n, size_t grain, LoopBody body, void* context) {
  for (size_t begin = 0; begin < n; begin += grain) {
    body(context, begin, n - begin < grain ? n : begin + grain, 0);
  }
}

}  // namespace

void setThreads(int count) {
  threadLimit.store(count < 1 ? 1 : (count > kMaxThreads ? kMaxThreads : count), std::memory_order_relaxed);
}

int threads() { return threadLimit.load(std::memory_order_relaxed); }

void runLoop(size_t n, size_t grain, int limit, LoopBody body, void* context) {
  if (limit <= 1 || n <= grain || !submission.tryLock()) {
    runAlone(n, grain, body, context);
    return;
  }
  startWorkers(limit - 1);
  loop = Loop{body, context, n, grain, limit};
  dividePieces((n + grain - 1) / grain, limit);
  const uint64_t generation = (state.load(std::memory_order_relaxed) >> kGenerationShift) + 1;
  state.store(generation << kGenerationShift | kOpen, std::memory_order_seq_cst);
  if (sleepers.load(std::memory_order_seq_cst) > 0) {
    sleep.lock();
    wake.wakeAll();
    sleep.unlock();
  }
  runPieces(0);
  state.fetch_and(~kOpen, std::memory_order_acq_rel);
  for (int spins = 0; (state.load(std::memory_order_acquire) & kJoined) != 0; ++spins) {
    if (spins < 4096) {
      relax();
    } else {
      yieldThread();
    }
  }
  submission.unlock();
}

}  // namespace strata
