// The ways in which a call is run again.
#pragma once

#include <string.h>

#include <vector>

#include "block.h"

namespace strata {

/** Compared, bit for bit, with one thread on aligned memory. */
struct Way {
  int threads;
  Layout layout;
};

struct Mode {
  const char* option;
  std::vector<Way> ways;
  /** Whether calls also run with arrays too short. */
  bool shortens;
  /** Whether several threads also run all calls at once. */
  bool atOnce;
};

inline const Mode kModes[] = {
    {"", {{1, Layout::unaligned}, {2, Layout::aligned}, {4, Layout::unaligned}}, true, true},
    {"--short", {{4, Layout::unaligned}}, false, true},
    {"--guarded", {{1, Layout::guardBehind}, {1, Layout::guardBefore}, {4, Layout::guardBehind}}, false, false},
};

/** The mode of an option; the first where there is none of the name. */
inline const Mode* modeOf(const char* option) {
  for (const Mode& mode : kModes) {
    if (strcmp(mode.option, option) == 0) {
      return &mode;
    }
  }
  return &kModes[0];
}

}  // namespace strata
