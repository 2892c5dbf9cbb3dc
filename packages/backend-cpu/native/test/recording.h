// Kernel calls that tests made from JavaScript, as scripts/native/preload.cjs writes them (the format stands there).
#pragma once

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <string>
#include <vector>

#include "runtime/call.h"

namespace strata {

struct RecordedStorage {
  std::vector<unsigned char> before;
  /** What it held after the call; empty when the call left it as it was. */
  std::vector<unsigned char> after;

  const std::vector<unsigned char>& expected() const { return after.empty() ? before : after; }
};

struct RecordedArgument {
  ArgumentKind kind = ArgumentKind::absent;
  double number = 0;
  /** Of an array. */
  uint16_t storage = kNone;
  uint32_t offset = 0;
  uint32_t length = 0;

  size_t end() const { return offset + size_t{length} * elementSize(); }
  size_t elementSize() const { return kind == ArgumentKind::uint8 ? 1 : 4; }

  static constexpr uint16_t kNone = 0xffff;
};

struct RecordedCall {
  std::string kernel;
  /** The code of the error that it threw; empty when it returned. */
  std::string code;
  std::vector<RecordedStorage> storages;
  std::vector<RecordedArgument> arguments;

  size_t bytes() const {
    size_t sum = 0;
    for (const RecordedStorage& storage : storages) {
      sum += storage.before.size();
    }
    return sum;
  }
};

/** Reads one file, call by call. A file that ends within a call ends the program. */
class Recording {
 public:
  explicit Recording(const char* path) : path_(path), file_(fopen(path, "rb")) {
    if (file_ == nullptr) {
      quit("cannot be opened");
    }
  }
  Recording(const Recording&) = delete;
  ~Recording() { fclose(file_); }

  /** Whether there was another call, which is now in `call`. */
  bool next(RecordedCall& call) {
    const int first = fgetc(file_);
    if (first == EOF) {
      return false;
    }
    ungetc(first, file_);
    number<uint32_t>();  // the call's bytes
    unsigned char likeness[16];
    read(likeness, sizeof likeness);
    call.kernel = text(number<uint8_t>());
    call.code = text(number<uint8_t>());
    call.storages.resize(number<uint16_t>());
    call.arguments.resize(number<uint16_t>());
    for (RecordedStorage& storage : call.storages) {
      const uint32_t bytes = number<uint32_t>();
      storage.before.resize(bytes);
      read(storage.before.data(), bytes);
      storage.after.resize(number<uint8_t>() == 0 ? 0 : bytes);
      read(storage.after.data(), storage.after.size());
    }
    for (RecordedArgument& argument : call.arguments) {
      argument = {};
      argument.kind = static_cast<ArgumentKind>(number<uint8_t>());
      if (argument.kind == ArgumentKind::number) {
        argument.number = number<double>();
      } else if (argument.kind != ArgumentKind::absent) {
        argument.storage = number<uint16_t>();
        argument.offset = number<uint32_t>();
        argument.length = number<uint32_t>();
      }
    }
    return true;
  }

 private:
  void read(void* to, size_t bytes) {
    if (bytes > 0 && fread(to, 1, bytes, file_) != bytes) {
      quit("ends within a call");
    }
  }
  template <typename T>
  T number() {
    T value;
    read(&value, sizeof value);
    return value;
  }
  std::string text(size_t length) {
    std::string value(length, ' ');
    read(&value[0], length);
    return value;
  }
  [[noreturn]] void quit(const char* why) {
    fprintf(stderr, "%s %s\n", path_, why);
    exit(2);
  }

  const char* path_;
  FILE* file_;
};

}  // namespace strata
