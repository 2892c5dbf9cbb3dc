// What the pool of threads takes from the operating system. Each of the two headers defines, inline:
//   class Mutex              lock, tryLock, unlock
//   class Condition          wait(Mutex&), wakeAll
//   startThread<run>(value)  a detached thread that calls run(value); false where the system gives none
//   monotonicNanoseconds()   a clock that is never set back
//   yieldThread()            lets another thread that is ready have the processor
//   pinLibrary()             keeps the library that this code is in loaded until the process ends
// Mutexes and conditions need no construction and no destruction: they may be static.
#pragma once

#if defined(_WIN32)
#include "runtime/system-threads-win32.h"
#else
#include "runtime/system-threads-posix.h"
#endif
