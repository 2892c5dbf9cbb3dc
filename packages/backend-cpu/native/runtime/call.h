// One call of a kernel from JavaScript: its arguments, its errors, its scratch space and its loops.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include <type_traits>

#include "runtime/thread-pool.h"

// Code in headers is always inlined: kernels are compiled once per instruction set, and a shared out-of-line copy
// could be the one with instructions that this processor lacks.
#define STRATA_INLINE inline __attribute__((always_inline))

namespace strata {

enum class ArgumentKind : uint8_t { absent, number, float32, int32, uint8, other };

struct Argument {
  ArgumentKind kind;
  /** The array's storage, and its length in elements. */
  void* data;
  size_t length;
  double number;
};

/** Memory that is kept for later, and grows. */
struct Scratch {
  void* data = nullptr;
  size_t size = 0;

  /** At least so many bytes, 64-byte aligned, of which nothing is known; nullptr where they cannot be had. */
  void* of(size_t bytes);
  void release();
};

/** What one JavaScript thread's calls share: scratch space that lives on between calls. */
struct Instance {
  Scratch calls;
  /** Of groups in programs, which may run while a call that they follow uses its own. */
  Scratch groups;
};

/** What is to happen to elements [begin, end) of a call's result as soon as they are written, on the thread that wrote them. */
struct Follower {
  void (*run)(void* context, size_t begin, size_t end, int slot);
  void* context;
  /** It wants ranges of whole rows of so many elements. */
  size_t row;
};

class Call {
 public:
  Call(Instance& instance, const Argument* arguments, int count, int threads = strata::threads())
      : instance_(instance), arguments_(arguments), count_(count), threads_(threads) {}

  int count() const { return count_; }

  // Arguments. Each fails the call (once, with a message that names the argument) and gives nullptr or 0 when the
  // argument is not of the kind, or an array with fewer than `atLeast` elements. Check failed() before computing.
  float* floats(int index, size_t atLeast);
  int32_t* ints(int index, size_t atLeast);
  uint8_t* bytes(int index, size_t atLeast);
  double number(int index);
  /** A number that counts something: a whole number in [0, 2^31). */
  size_t size(int index);
  /** Whether the argument is there: optional arrays may be null or undefined. */
  bool has(int index) const { return index < count_ && arguments_[index].kind != ArgumentKind::absent; }
  ArgumentKind kind(int index) const { return index < count_ ? arguments_[index].kind : ArgumentKind::absent; }
  size_t length(int index) const { return index < count_ ? arguments_[index].length : 0; }

  bool failed() const { return code_ != nullptr; }
  /** Makes the call throw an Error with this code and message; the first failure wins. printf-like. */
  __attribute__((format(printf, 3, 4))) void fail(const char* code, const char* format, ...);

  /**
   * 64-byte aligned scratch space, the same block at each call within one kernel call: ask once, for all threads.
   * Fails the call and gives nullptr where it cannot be had. Its contents are undefined.
   */
  void* scratch(size_t bytes);

  /** Before the kernel runs. */
  void setFollower(const Follower& follower) { follower_ = follower; }
  /**
   * Whether rows of `row` elements of the result are waited for. A kernel that is told so promises to call follow() for ranges
   * of such rows that cover the result once, each when nothing reads or writes it any more; one that never asks is followed
   * when it has returned.
   */
  bool takeFollower(size_t row);
  STRATA_INLINE void follow(size_t begin, size_t end, int slot) const {
    follower_.run(follower_.context, begin, end, slot);
  }
  bool followed() const { return followed_; }

  /** The upper bound of `slot` in parallelFor. */
  int threads() const { return threads_; }

  /**
   * body(begin, end, slot) over [0, n) in pieces of `grain`. The pieces never depend on the number of threads, so a
   * reduction that keeps one partial result per piece gives the same bits on every machine of one instruction set.
   */
  template <typename Body>
  STRATA_INLINE void parallelFor(size_t n, size_t grain, Body&& body) {
    runLoop(
        n, grain, threads_,
        [](void* context, size_t begin, size_t end, int slot) {
          (*static_cast<std::remove_reference_t<Body>*>(context))(begin, end, slot);
        },
        const_cast<void*>(static_cast<const void*>(&body)));
  }

  const char* code() const { return code_; }
  const char* message() const { return message_; }

 private:
  const Argument* argument(int index, ArgumentKind kind, const char* expected, size_t atLeast);

  Instance& instance_;
  const Argument* arguments_;
  int count_;
  int threads_;
  Follower follower_ = {};
  bool followed_ = false;
  const char* code_ = nullptr;
  char message_[256];
};

/** A kernel reads its arguments from the call, writes into the arrays it was given, and returns nothing. */
using Kernel = void (*)(Call& call);

}  // namespace strata
