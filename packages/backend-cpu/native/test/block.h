// Memory for one storage of a recorded call, laid out so that what a kernel touches beside it is seen.
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#if !defined(_WIN32)
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "runtime/memory.h"

namespace strata {

enum class Layout {
  /** On a boundary of 64 bytes, in a block that ends where the storage ends: AddressSanitizer sees the first byte beyond. */
  aligned,
  /** As that, one element past the boundary: typed arrays are aligned to their elements, and to nothing else. */
  unaligned,
  /**
   * Up against a page that cannot be touched, behind it or before it. The processor sees also what sanitizers do not:
   * masked loads and stores, assembler, and code as it is shipped.
   */
  guardBehind,
  guardBefore
};

constexpr const char* kLayoutNames[] = {"aligned", "unaligned", "guarded-behind", "guarded-before"};

class Block {
 public:
  Block(size_t bytes, size_t elementSize, Layout layout) {
    if (layout == Layout::aligned || layout == Layout::unaligned) {
      const size_t shift = layout == Layout::aligned ? 0 : elementSize;
      allocated_ = bytes + shift;
      memory_ = allocateAligned(allocated_);
      check(memory_ != nullptr);
      data_ = static_cast<unsigned char*>(memory_) + shift;
      return;
    }
#if defined(_WIN32)
    check(false);  // --guarded is not for Windows
#else
    const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    const size_t inside = (bytes + page - 1) / page * page;
    mapped_ = inside + page;
    memory_ = mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    check(memory_ != MAP_FAILED);
    auto* begin = static_cast<unsigned char*>(memory_);
    const bool behind = layout == Layout::guardBehind;
    check(mprotect(behind ? begin + inside : begin, page, PROT_NONE) == 0);
    // Elements stay aligned: a storage of an odd number of bytes that also holds floats ends up to 3 bytes early.
    data_ = behind ? begin + (inside - bytes) / elementSize * elementSize : begin + page;
#endif
  }
  Block(const Block&) = delete;
  ~Block() {
#if !defined(_WIN32)
    if (mapped_ > 0) {
      munmap(memory_, mapped_);
      return;
    }
#endif
    freeAligned(memory_, allocated_);
  }

  unsigned char* data() const { return data_; }

 private:
  static void check(bool done) {
    if (!done) {
      fprintf(stderr, "no memory to replay a call\n");
      exit(2);
    }
  }

  void* memory_ = nullptr;
  size_t allocated_ = 0;
  [[maybe_unused]] size_t mapped_ = 0;
  unsigned char* data_ = nullptr;
};

}  // namespace strata
