// Names the call that touched what it must not, where no sanitizer does.
#pragma once

#include <signal.h>
#include <unistd.h>

#include <string>

namespace strata {

/** For onFault. */
inline std::string running;

/** A kernel touched what it must not. Says which, as far as a signal handler may. */
inline void onFault(int) {
  const char text[] = " touched memory beside its arrays\n";
  if (write(2, running.data(), running.size()) < 0 || write(2, text, sizeof text - 1) < 0) {
    _exit(2);
  }
  _exit(1);
}

inline void catchFaults() {
  signal(SIGSEGV, onFault);
#if defined(SIGBUS)
  signal(SIGBUS, onFault);
#endif
}

}  // namespace strata
