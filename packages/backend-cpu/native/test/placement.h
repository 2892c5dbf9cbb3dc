// The memory of a recorded call, laid out anew and run: each storage is a block of its own.
#pragma once

#include <math.h>

#include <memory>

#include "block.h"
#include "recording.h"
#include "runtime/kernel-table.h"

namespace strata {

class Placement {
 public:
  Placement(const RecordedCall& call, Layout layout) : call_(call) {
    for (size_t s = 0; s < call.storages.size(); ++s) {
      const auto& before = call.storages[s].before;
      blocks_.push_back(std::make_unique<Block>(before.size(), elementSize(s), layout));
      data_.push_back(blocks_.back()->data());
      if (!before.empty()) {
        memcpy(data_.back(), before.data(), before.size());
      }
    }
  }
  Placement(const Placement&) = delete;

  /** Runs the kernel; the code of its error, empty where there was none. */
  std::string run(Kernel kernel) {
    std::vector<Argument> arguments;
    for (const RecordedArgument& a : call_.arguments) {
      void* data = a.storage == RecordedArgument::kNone ? nullptr : data_[a.storage] + a.offset;
      arguments.push_back({a.kind, data, a.length, a.number});
    }
    // Of its own, so that scratch space is as large as the kernel asked for.
    Instance instance;
    std::string code;
    {
      Call call(instance, arguments.data(), static_cast<int>(arguments.size()));
      kernel(call);
      code = call.failed() ? call.code() : "";
    }
    instance.calls.release();
    return code;
  }

  /** Where the memory differs from what the recorded call left, by more than rounding: empty when nowhere. */
  std::string difference() const {
    for (const RecordedArgument& a : call_.arguments) {
      if (a.storage == RecordedArgument::kNone) {
        continue;
      }
      const unsigned char* actual = data_[a.storage] + a.offset;
      const unsigned char* expected = call_.storages[a.storage].expected().data() + a.offset;
      if (a.kind == ArgumentKind::float32) {
        const std::string found = floatDifference(actual, expected, a.length);
        if (!found.empty()) {
          return found;
        }
      } else if (a.length > 0 && memcmp(actual, expected, a.length * a.elementSize()) != 0) {
        return "integers differ";
      }
    }
    return "";
  }

  bool sameBits(const Placement& other) const {
    for (size_t s = 0; s < data_.size(); ++s) {
      const size_t bytes = call_.storages[s].before.size();
      if (bytes > 0 && memcmp(data_[s], other.data_[s], bytes) != 0) {
        return false;
      }
    }
    return true;
  }

 private:
  size_t elementSize(size_t storage) const {
    for (const RecordedArgument& a : call_.arguments) {
      if (a.storage == storage && a.kind != ArgumentKind::uint8) {
        return 4;
      }
    }
    return 1;
  }

  /** How large terms are: near 1, and over σ in a normalization, which is at least the root of its ε, the last argument. */
  float termSize() const {
    const bool normalizes = call_.kernel.find("normalize") == 0 && call_.arguments.back().number > 0;
    return normalizes ? 1 / sqrtf(static_cast<float>(call_.arguments.back().number)) : 1;
  }

  static float floatAt(const unsigned char* bytes, size_t i) {
    float value;
    memcpy(&value, bytes + 4 * i, 4);
    return value;
  }

  /**
   * Instruction sets and compilers round sums differently: an element may be off by 1e-5 of itself, and, where terms cancel, by
   * 2e-6 of the largest element beside it. Of a convolution by 5e-5: the package's README allows it 5e-6 of its largest sum, and an
   * activation (tanh) may have left less of that than of the sums that cancel. Terms may cancel everywhere: by two roundings
   * of them in any case, 2⁻²⁴ each. NaN and infinities must be where they were.
   */
  std::string floatDifference(const unsigned char* actual, const unsigned char* expected, size_t n) const {
    const float cancelled = call_.kernel.find("onv") == std::string::npos ? 2e-6f : 5e-5f;
    float largest = 0;
    for (size_t i = 0; i < n; ++i) {
      const float e = fabsf(floatAt(expected, i));
      largest = e > largest && isfinite(e) ? e : largest;
    }
    const float allowed = cancelled * largest + 0x1p-23f * termSize();
    for (size_t i = 0; i < n; ++i) {
      const float a = floatAt(actual, i);
      const float e = floatAt(expected, i);
      const bool close = isfinite(e) && fabsf(a - e) <= 1e-5f * fabsf(e) + allowed;
      const bool same = a == e || (isnan(a) && isnan(e)) || close;
      if (!same) {
        char text[120];
        snprintf(text, sizeof text, "element %zu of %zu is %.9g, recorded %.9g", i, n, a, e);
        return text;
      }
    }
    return "";
  }

  const RecordedCall& call_;
  std::vector<std::unique_ptr<Block>> blocks_;
  std::vector<unsigned char*> data_;
};

}  // namespace strata
