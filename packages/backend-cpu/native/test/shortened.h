// A recorded call with one array too short: the kernel must refuse it, or do without what is missing.
#pragma once

#include "recording.h"

namespace strata {

/** `call` with `length` elements in argument `index`, whose storage ends there unless another argument goes on. */
inline RecordedCall shortened(const RecordedCall& call, size_t index, uint32_t length) {
  RecordedCall shorter = call;
  RecordedArgument& argument = shorter.arguments[index];
  argument.length = length;
  size_t end = 0;
  for (const RecordedArgument& other : shorter.arguments) {
    if (other.storage == argument.storage && other.end() > end) {
      end = other.end();
    }
  }
  shorter.storages[argument.storage].before.resize(end);
  return shorter;
}

}  // namespace strata
