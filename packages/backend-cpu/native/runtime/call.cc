#include "runtime/call.h"

#include <stdarg.h>
#include <stdio.h>

#include "runtime/memory.h"

namespace strata {

namespace {

const char* describe(ArgumentKind kind) {
  switch (kind) {
    case ArgumentKind::absent:
      return "nothing";
    case ArgumentKind::number:
      return "a number";
    case ArgumentKind::float32:
      return "a Float32Array";
    case ArgumentKind::int32:
      return "an Int32Array";
    case ArgumentKind::uint8:
      return "a Uint8Array";
    default:
      return "a value of another kind";
  }
}

}  // namespace

const Argument* Call::argument(int index, ArgumentKind kind, const char* expected, size_t atLeast) {
  if (this->kind(index) != kind) {
    fail("STRATA_BAD_ARGUMENT", "argument %d must be %s; received %s", index, expected, describe(this->kind(index)));
    return nullptr;
  }
  const Argument& found = arguments_[index];
  if (found.length < atLeast) {
    fail("STRATA_BAD_ARGUMENT", "argument %d must hold at least %zu elements; it holds %zu", index, atLeast,
         found.length);
    return nullptr;
  }
  return &found;
}

float* Call::floats(int index, size_t atLeast) {
  const Argument* found = argument(index, ArgumentKind::float32, "a Float32Array", atLeast);
  return found == nullptr ? nullptr : static_cast<float*>(found->data);
}

int32_t* Call::ints(int index, size_t atLeast) {
  const Argument* found = argument(index, ArgumentKind::int32, "an Int32Array", atLeast);
  return found == nullptr ? nullptr : static_cast<int32_t*>(found->data);
}

uint8_t* Call::bytes(int index, size_t atLeast) {
  const Argument* found = argument(index, ArgumentKind::uint8, "a Uint8Array", atLeast);
  return found == nullptr ? nullptr : static_cast<uint8_t*>(found->data);
}

double Call::number(int index) {
  const Argument* found = argument(index, ArgumentKind::number, "a number", 0);
  return found == nullptr ? 0 : found->number;
}

size_t Call::size(int index) {
  const double value = number(index);
  if (!(value >= 0 && value < 2147483648.0) || value != static_cast<double>(static_cast<uint32_t>(value))) {
    fail("STRATA_BAD_ARGUMENT", "argument %d must be a whole number in [0, 2^31); received %g", index, value);
    return 0;
  }
  return static_cast<size_t>(value);
}

void Call::fail(const char* code, const char* format, ...) {
  if (code_ != nullptr) {
    return;
  }
  code_ = code;
  va_list values;
  va_start(values, format);
  vsnprintf(message_, sizeof message_, format, values);
  va_end(values);
}

void* Scratch::of(size_t bytes) {
  if (bytes > size) {
    release();
    // Grown with some room, so that a sequence of ever larger calls does not allocate each time.
    const size_t room = bytes + bytes / 4;
    data = allocateAligned(room);
    size = data == nullptr ? 0 : room;
  }
  return data;
}

void Scratch::release() {
  freeAligned(data, size);
  data = nullptr;
  size = 0;
}

void* Call::scratch(size_t bytes) {
  void* const found = instance_.calls.of(bytes);
  if (found == nullptr && bytes > 0) {
    fail("STRATA_OUT_OF_MEMORY", "no memory for %zu bytes of scratch space", bytes);
  }
  return found;
}

bool Call::takeFollower(size_t row) {
  followed_ = follower_.run != nullptr && row % follower_.row == 0;
  return followed_;
}

}  // namespace strata
