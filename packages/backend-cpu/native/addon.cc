// The addon's face towards JavaScript:
//   supported(): string[]                     instruction sets that this processor runs, best first
//   kernels(isa: string): Record<string, fn>  the kernels compiled for one of them
//   program(isa, names, code): fn             kernel calls that run together: program/program.h
//   allocate(byteLength): ArrayBuffer         64-byte aligned, contents undefined; throws STRATA_OUT_OF_MEMORY
//   setThreads(count): void, threads(): number
// A kernel takes typed arrays, numbers and null (for an optional array left out), and throws an Error with a `code`.
#include <node_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program/bindings.h"
#include "runtime/isa.h"
#include "runtime/kernel-table.h"
#include "runtime/memory.h"

namespace strata {

namespace {

constexpr size_t kInlineArguments = 12;

/** What a kernel's JavaScript function carries: which code to run, and for which JavaScript thread. */
struct Binding {
  Kernel kernel;
  Instance* instance;
};

struct Addon {
  Instance instance;
  /** [isa][kernel], made when the set is first asked for. */
  Binding** bindings;
};

ArgumentKind kindOf(napi_typedarray_type type) {
  switch (type) {
    case napi_float32_array:
      return ArgumentKind::float32;
    case napi_int32_array:
      return ArgumentKind::int32;
    case napi_uint8_array:
    case napi_uint8_clamped_array:
      return ArgumentKind::uint8;
    default:
      return ArgumentKind::other;
  }
}

Argument read(napi_env env, napi_value value) {
  Argument argument = {ArgumentKind::absent, nullptr, 0, 0};
  napi_typedarray_type type;
  if (napi_get_typedarray_info(env, value, &type, &argument.length, &argument.data, nullptr, nullptr) == napi_ok) {
    argument.kind = kindOf(type);
  } else if (napi_get_value_double(env, value, &argument.number) == napi_ok) {
    argument.kind = ArgumentKind::number;
  } else {
    napi_valuetype other;
    const bool nothing = napi_typeof(env, value, &other) == napi_ok && (other == napi_undefined || other == napi_null);
    argument.kind = nothing ? ArgumentKind::absent : ArgumentKind::other;
  }
  return argument;
}

napi_value run(const Binding& binding, napi_env env, const napi_value* values, Argument* arguments, size_t count) {
  for (size_t i = 0; i < count; ++i) {
    arguments[i] = read(env, values[i]);
  }
  Call call(*binding.instance, arguments, static_cast<int>(count));
  binding.kernel(call);
  if (call.failed()) {
    napi_throw_error(env, call.code(), call.message());
  }
  return nullptr;
}

napi_value runKernel(napi_env env, napi_callback_info info) {
  napi_value values[kInlineArguments];
  size_t count = kInlineArguments;
  void* data;
  napi_get_cb_info(env, info, &count, values, nullptr, &data);
  const Binding& binding = *static_cast<Binding*>(data);
  if (count <= kInlineArguments) {
    Argument arguments[kInlineArguments];
    return run(binding, env, values, arguments, count);
  }
  // Updates of all parameters at once take hundreds of arrays.
  auto* many = static_cast<napi_value*>(malloc(count * sizeof(napi_value)));
  auto* arguments = static_cast<Argument*>(malloc(count * sizeof(Argument)));
  if (many == nullptr || arguments == nullptr) {
    napi_throw_error(env, "STRATA_OUT_OF_MEMORY", "no memory for the call's arguments");
  } else {
    napi_get_cb_info(env, info, &count, many, nullptr, nullptr);
    run(binding, env, many, arguments, count);
  }
  free(many);
  free(arguments);
  return nullptr;
}

napi_value supported(napi_env env, napi_callback_info) {
  napi_value list;
  napi_create_array(env, &list);
  uint32_t length = 0;
  for (int isa = 0; isa < kIsaCount; ++isa) {
    if (isaSupported(kIsaNames[isa])) {
      napi_value name;
      napi_create_string_utf8(env, kIsaNames[isa], NAPI_AUTO_LENGTH, &name);
      napi_set_element(env, list, length++, name);
    }
  }
  return list;
}

/** Throws, naming the sets that would do. */
void unknownIsa(napi_env env, const char* name) {
  char message[256];
  int used = snprintf(message, sizeof message, "unknown or unsupported instruction set '%.40s'; this processor runs",
                      name);
  const char* separator = " ";
  for (int isa = 0; isa < kIsaCount; ++isa) {
    if (isaSupported(kIsaNames[isa])) {
      used += snprintf(message + used, sizeof message - used, "%s%s", separator, kIsaNames[isa]);
      separator = ", ";
    }
  }
  napi_throw_error(env, "STRATA_UNKNOWN_ISA", message);
}

/** The number of the instruction set that a string names; −1, and an exception, where it names none. */
int readIsa(napi_env env, napi_value value) {
  char name[48] = "";
  if (napi_get_value_string_utf8(env, value, name, sizeof name, nullptr) != napi_ok) {
    napi_throw_error(env, "STRATA_BAD_ARGUMENT", "kernels(isa): isa must be a string");
    return -1;
  }
  for (int isa = 0; isa < kIsaCount; ++isa) {
    if (strcmp(name, kIsaNames[isa]) == 0 && isaSupported(name)) {
      return isa;
    }
  }
  unknownIsa(env, name);
  return -1;
}

napi_value kernels(napi_env env, napi_callback_info info) {
  napi_value value;
  size_t count = 1;
  napi_get_cb_info(env, info, &count, &value, nullptr, nullptr);
  const int isa = readIsa(env, value);
  if (isa < 0) {
    return nullptr;
  }
  Addon* addon = nullptr;
  napi_get_instance_data(env, reinterpret_cast<void**>(&addon));
  Binding*& bindings = addon->bindings[isa];
  if (bindings == nullptr) {
    bindings = static_cast<Binding*>(malloc(sizeof(Binding) * static_cast<size_t>(kKernelCount)));
    if (bindings == nullptr) {
      napi_throw_error(env, "STRATA_OUT_OF_MEMORY", "no memory for the table of kernels");
      return nullptr;
    }
  }
  napi_value object;
  napi_create_object(env, &object);
  for (int i = 0; i < kKernelCount; ++i) {
    bindings[i] = Binding{kKernels[i].variants[isa], &addon->instance};
    napi_value function;
    napi_create_function(env, kKernels[i].name, NAPI_AUTO_LENGTH, runKernel, &bindings[i], &function);
    napi_set_named_property(env, object, kKernels[i].name, function);
  }
  return object;
}

napi_value program(napi_env env, napi_callback_info info) {
  napi_value values[3];
  size_t count = 3;
  napi_get_cb_info(env, info, &count, values, nullptr, nullptr);
  const int isa = readIsa(env, values[0]);
  if (isa < 0) {
    return nullptr;
  }
  Addon* addon = nullptr;
  napi_get_instance_data(env, reinterpret_cast<void**>(&addon));
  return createProgram(env, addon->instance, isa, values[1], values[2]);
}

/** `bytes` is a number in the place of a pointer. */
void freeBuffer(napi_env, void* data, void* bytes) { freeAligned(data, reinterpret_cast<uintptr_t>(bytes)); }

napi_value allocate(napi_env env, napi_callback_info info) {
  napi_value value;
  size_t count = 1;
  double bytes = -1;
  napi_get_cb_info(env, info, &count, &value, nullptr, nullptr);
  napi_get_value_double(env, value, &bytes);
  char message[128];
  // 2^31 elements of four bytes: what an Int32Array of sizes can still count.
  if (!(bytes >= 0 && bytes <= 4 * 2147483647.0)) {
    snprintf(message, sizeof message, "cannot allocate %.0f bytes: an array holds at most 2^31 - 1 elements", bytes);
    napi_throw_error(env, "STRATA_OUT_OF_MEMORY", message);
    return nullptr;
  }
  const size_t size = static_cast<size_t>(bytes);
  napi_value buffer = nullptr;
  if (size == 0) {
    void* none;
    napi_create_arraybuffer(env, 0, &none, &buffer);
    return buffer;
  }
  void* data = allocateAligned(size);
  if (data != nullptr &&
      napi_create_external_arraybuffer(env, data, size, freeBuffer, reinterpret_cast<void*>(size), &buffer) != napi_ok) {
    // A runtime that forbids foreign memory in array buffers; it zeroes and aligns its own as it likes.
    freeAligned(data, size);
    data = nullptr;
    bool thrown = false;
    napi_is_exception_pending(env, &thrown);
    if (!thrown && napi_create_arraybuffer(env, size, &data, &buffer) != napi_ok) {
      data = nullptr;
    }
  }
  if (data == nullptr) {
    snprintf(message, sizeof message, "cannot allocate %zu bytes", size);
    napi_throw_error(env, "STRATA_OUT_OF_MEMORY", message);
    return nullptr;
  }
  return buffer;
}

napi_value setThreadCount(napi_env env, napi_callback_info info) {
  napi_value value;
  size_t count = 1;
  int32_t requested = 0;
  napi_get_cb_info(env, info, &count, &value, nullptr, nullptr);
  if (napi_get_value_int32(env, value, &requested) != napi_ok || requested < 1) {
    napi_throw_error(env, "STRATA_BAD_ARGUMENT", "setThreads(count): count must be a number of at least 1");
    return nullptr;
  }
  setThreads(requested);
  return nullptr;
}

napi_value threadCount(napi_env env, napi_callback_info) {
  napi_value count;
  napi_create_int32(env, threads(), &count);
  return count;
}

void release(napi_env, void* data, void*) {
  auto* addon = static_cast<Addon*>(data);
  addon->instance.calls.release();
  addon->instance.groups.release();
  for (int isa = 0; isa < kIsaCount; ++isa) {
    free(addon->bindings[isa]);
  }
  free(addon->bindings);
  free(addon);
}

}  // namespace

}  // namespace strata

NAPI_MODULE_INIT(/* napi_env env, napi_value exports */) {
  using namespace strata;
  auto* addon = static_cast<Addon*>(calloc(1, sizeof(Addon)));
  auto** bindings = static_cast<Binding**>(calloc(static_cast<size_t>(kIsaCount), sizeof(Binding*)));
  if (addon == nullptr || bindings == nullptr) {
    free(addon);
    free(bindings);
    napi_throw_error(env, "STRATA_OUT_OF_MEMORY", "no memory to load the addon");
    return nullptr;
  }
  addon->bindings = bindings;
  napi_set_instance_data(env, addon, release, nullptr);
  const napi_property_descriptor properties[] = {
      {"supported", nullptr, supported, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"kernels", nullptr, kernels, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"program", nullptr, program, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"allocate", nullptr, allocate, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"setThreads", nullptr, setThreadCount, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
      {"threads", nullptr, threadCount, nullptr, nullptr, nullptr, napi_enumerable, nullptr},
  };
  napi_define_properties(env, exports, sizeof properties / sizeof properties[0], properties);
  return exports;
}
