// system-threads.h on Linux and macOS.
#pragma once

#include <dlfcn.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <time.h>

namespace strata {

class Condition;

class Mutex {
 public:
  void lock() { pthread_mutex_lock(&mutex_); }
  bool tryLock() { return pthread_mutex_trylock(&mutex_) == 0; }
  void unlock() { pthread_mutex_unlock(&mutex_); }

 private:
  friend class Condition;
  pthread_mutex_t mutex_ = PTHREAD_MUTEX_INITIALIZER;
};

class Condition {
 public:
  void wait(Mutex& mutex) { pthread_cond_wait(&condition_, &mutex.mutex_); }
  void wakeAll() { pthread_cond_broadcast(&condition_); }

 private:
  pthread_cond_t condition_ = PTHREAD_COND_INITIALIZER;
};

template <void (*run)(int)>
bool startThread(int value) {
  // Signals belong to Node's own threads.
  sigset_t all;
  sigset_t previous;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &previous);
  pthread_t thread;
  const int error = pthread_create(
      &thread, nullptr,
      [](void* argument) -> void* {
        run(static_cast<int>(reinterpret_cast<intptr_t>(argument)));
        return nullptr;
      },
      reinterpret_cast<void*>(static_cast<intptr_t>(value)));
  pthread_sigmask(SIG_SETMASK, &previous, nullptr);
  if (error != 0) {
    return false;
  }
  pthread_detach(thread);
  return true;
}

inline int64_t monotonicNanoseconds() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

inline void yieldThread() { sched_yield(); }

inline void pinLibrary() {
  Dl_info info;
  if (dladdr(reinterpret_cast<void*>(&pinLibrary), &info) != 0) {
    dlopen(info.dli_fname, RTLD_NOW | RTLD_NODELETE);
  }
}

}  // namespace strata
