#include "program/bindings.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program/program.h"
#include "runtime/kernel-table.h"

namespace strata {

namespace {

/** What a program's function carries. */
struct Bound {
  Program* program;
  Instance* instance;
  /** Room for the buffers of a run. */
  Buffer* buffers;
};

napi_value refuse(napi_env env, const char* why) {
  char message[160];
  snprintf(message, sizeof message, "this is not a program: %s", why);
  napi_throw_error(env, "STRATA_BAD_ARGUMENT", message);
  return nullptr;
}

/** The memory of a typed array; false for anything else. */
bool readBuffer(napi_env env, napi_value value, Buffer& buffer) {
  napi_typedarray_type type;
  size_t length = 0;
  void* data = nullptr;
  if (napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) != napi_ok) {
    return false;
  }
  const bool bytes = type == napi_uint8_array || type == napi_uint8_clamped_array || type == napi_int8_array;
  const bool words = type == napi_float32_array || type == napi_int32_array || type == napi_uint32_array;
  buffer = {static_cast<char*>(data), length * (bytes ? 1 : 4)};
  return bytes || words;
}

/** The numbers of a Float64Array; nullptr for anything else. */
const double* readNumbers(napi_env env, napi_value value, size_t& length) {
  napi_typedarray_type type;
  void* data = nullptr;
  const bool read = napi_get_typedarray_info(env, value, &type, &length, &data, nullptr, nullptr) == napi_ok;
  static const double none = 0;
  if (!read || type != napi_float64_array) {
    return nullptr;
  }
  return length == 0 ? &none : static_cast<const double*>(data);
}

void throwFailure(napi_env env, const Failure& failure) {
  napi_value code;
  napi_value message;
  napi_value error;
  napi_value call;
  napi_create_string_utf8(env, failure.code, NAPI_AUTO_LENGTH, &code);
  napi_create_string_utf8(env, failure.message, NAPI_AUTO_LENGTH, &message);
  napi_create_error(env, code, message, &error);
  napi_create_int32(env, failure.call, &call);
  napi_set_named_property(env, error, "call", call);
  napi_throw(env, error);
}

napi_value run(napi_env env, napi_callback_info info) {
  napi_value values[2];
  size_t count = 2;
  void* data;
  napi_get_cb_info(env, info, &count, values, nullptr, &data);
  const Bound& bound = *static_cast<Bound*>(data);
  const Program& program = *bound.program;
  size_t lateNumbers = 0;
  const double* late = count == 2 ? readNumbers(env, values[1], lateNumbers) : nullptr;
  uint32_t length = 0;
  bool valid = late != nullptr && lateNumbers >= program.lateNumbers &&
               napi_get_array_length(env, values[0], &length) == napi_ok && length >= program.buffers;
  for (uint32_t i = 0; valid && i < program.buffers; ++i) {
    napi_value buffer;
    valid = napi_get_element(env, values[0], i, &buffer) == napi_ok && readBuffer(env, buffer, bound.buffers[i]);
  }
  if (!valid) {
    napi_throw_error(env, "STRATA_BAD_ARGUMENT", "a program runs on an array of its buffers and a Float64Array of its numbers");
    return nullptr;
  }
  Failure failure;
  if (!runProgram(program, *bound.instance, bound.buffers, late, failure)) {
    throwFailure(env, failure);
  }
  return nullptr;
}

void release(napi_env, void* data, void*) {
  auto* bound = static_cast<Bound*>(data);
  freeProgram(bound->program);
  free(bound->buffers);
  free(bound);
}

/** The kernel called `name` on an instruction set; nullptr where there is none. */
Kernel kernelNamed(const char* name, int isa) {
  for (int i = 0; i < kKernelCount; ++i) {
    if (strcmp(kKernels[i].name, name) == 0) {
      return kKernels[i].variants[isa];
    }
  }
  return nullptr;
}

/** Fills `kernels`; false for a name of no kernel. */
bool readKernels(napi_env env, napi_value names, uint32_t count, int isa, Kernel* kernels) {
  for (uint32_t i = 0; i < count; ++i) {
    napi_value name;
    char text[64] = "";
    napi_get_element(env, names, i, &name);
    napi_get_value_string_utf8(env, name, text, sizeof text, nullptr);
    kernels[i] = kernelNamed(text, isa);
    if (kernels[i] == nullptr) {
      return false;
    }
  }
  return true;
}

}  // namespace

napi_value createProgram(napi_env env, Instance& instance, int isa, napi_value names, napi_value code) {
  uint32_t nameCount = 0;
  size_t length = 0;
  const double* numbers = readNumbers(env, code, length);
  if (napi_get_array_length(env, names, &nameCount) != napi_ok || numbers == nullptr) {
    return refuse(env, "program(isa, names, code) takes an array of names and a Float64Array");
  }
  auto* kernels = static_cast<Kernel*>(malloc((nameCount + 1) * sizeof(Kernel)));
  const char* why = "there is no memory for it";
  Program* program = nullptr;
  if (kernels != nullptr) {
    if (readKernels(env, names, nameCount, isa, kernels)) {
      program = readProgram(numbers, length, kernels, nameCount, &why);
    } else {
      why = "it names a kernel that there is not";
    }
  }
  free(kernels);
  if (program == nullptr) {
    return refuse(env, why);
  }
  auto* bound = static_cast<Bound*>(malloc(sizeof(Bound)));
  auto* buffers = static_cast<Buffer*>(malloc((program->buffers + 1) * sizeof(Buffer)));
  if (bound == nullptr || buffers == nullptr) {
    freeProgram(program);
    free(bound);
    free(buffers);
    return refuse(env, "there is no memory for it");
  }
  *bound = Bound{program, &instance, buffers};
  napi_value function;
  napi_create_function(env, "program", NAPI_AUTO_LENGTH, run, bound, &function);
  napi_add_finalizer(env, function, bound, release, nullptr, nullptr);
  return function;
}

}  // namespace strata
