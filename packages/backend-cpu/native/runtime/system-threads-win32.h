// system-threads.h on Windows.
#pragma once

#include <stdint.h>
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

namespace strata {

class Condition;

class Mutex {
 public:
  void lock() { AcquireSRWLockExclusive(&lock_); }
  bool tryLock() { return TryAcquireSRWLockExclusive(&lock_) != 0; }
  void unlock() { ReleaseSRWLockExclusive(&lock_); }

 private:
  friend class Condition;
  SRWLOCK lock_ = SRWLOCK_INIT;
};

class Condition {
 public:
  void wait(Mutex& mutex) { SleepConditionVariableSRW(&condition_, &mutex.lock_, INFINITE, 0); }
  void wakeAll() { WakeAllConditionVariable(&condition_); }

 private:
  CONDITION_VARIABLE condition_ = CONDITION_VARIABLE_INIT;
};

template <void (*run)(int)>
bool startThread(int value) {
  const HANDLE thread = CreateThread(
      nullptr, 0,
      [](void* argument) -> DWORD {
        run(static_cast<int>(reinterpret_cast<intptr_t>(argument)));
        return 0;
      },
      reinterpret_cast<void*>(static_cast<intptr_t>(value)), 0, nullptr);
  if (thread == nullptr) {
    return false;
  }
  CloseHandle(thread);
  return true;
}

inline int64_t monotonicNanoseconds() {
  LARGE_INTEGER ticks;
  LARGE_INTEGER ticksPerSecond;
  QueryPerformanceCounter(&ticks);
  QueryPerformanceFrequency(&ticksPerSecond);
  // Seconds apart from the rest: their product with 10⁹ would overflow after some days.
  const int64_t seconds = ticks.QuadPart / ticksPerSecond.QuadPart;
  const int64_t rest = ticks.QuadPart % ticksPerSecond.QuadPart;
  return seconds * 1'000'000'000 + rest * 1'000'000'000 / ticksPerSecond.QuadPart;
}

inline void yieldThread() { SwitchToThread(); }

inline void pinLibrary() {
  HMODULE pinned;
  GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                     reinterpret_cast<LPCWSTR>(&pinLibrary), &pinned);
}

}  // namespace strata
