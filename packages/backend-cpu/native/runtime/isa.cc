#include "runtime/isa.h"

#include <string.h>

namespace strata {

bool isaSupported(const char* name) {
#if defined(__x86_64__)
  // __builtin_cpu_supports also asks the operating system whether it saves the wide registers.
  __builtin_cpu_init();
  if (strcmp(name, "avx512") == 0) {
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("fma");
  }
  if (strcmp(name, "avx2") == 0) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  }
#elif defined(__aarch64__)
  if (strcmp(name, "neon") == 0) {
    return true;
  }
#endif
  return strcmp(name, "generic") == 0;
}

}  // namespace strata
