// Node's functions on Windows. A library for Windows names the program that it imports from, and that need not be node.exe:
// Electron calls it as the application is called, and a Node.js of other makers lies in libnode.dll. So nothing is imported
// by name. The compiler calls a function of another module through a pointer, `__imp_<function>`, which an import library
// would define; here they are defined and filled from the process that loads the addon. One that it lacks makes the load
// fail. A function that addon.cc calls and this list leaves out is an undefined symbol of the linker's.
#define WIN32_LEAN_AND_MEAN
#include <windows.h>

#define STRATA_NODE_API(each)            \
  each(napi_add_finalizer)               \
  each(napi_create_array)                \
  each(napi_create_arraybuffer)          \
  each(napi_create_error)                \
  each(napi_create_external_arraybuffer) \
  each(napi_create_function)             \
  each(napi_create_int32)                \
  each(napi_create_object)               \
  each(napi_create_string_utf8)          \
  each(napi_define_properties)           \
  each(napi_get_array_length)            \
  each(napi_get_cb_info)                 \
  each(napi_get_element)                 \
  each(napi_get_instance_data)           \
  each(napi_get_typedarray_info)         \
  each(napi_get_value_double)            \
  each(napi_get_value_int32)             \
  each(napi_get_value_string_utf8)       \
  each(napi_is_exception_pending)        \
  each(napi_set_element)                 \
  each(napi_set_instance_data)           \
  each(napi_set_named_property)          \
  each(napi_throw)                       \
  each(napi_throw_error)                 \
  each(napi_typeof)

extern "C" {
#define STRATA_DEFINE(name) FARPROC __imp_##name = nullptr;
STRATA_NODE_API(STRATA_DEFINE)
#undef STRATA_DEFINE
}

namespace {

bool findAll(HMODULE host) {
  bool found = true;
#define STRATA_FIND(name)                   \
  __imp_##name = GetProcAddress(host, #name); \
  found = found && __imp_##name != nullptr;
  STRATA_NODE_API(STRATA_FIND)
#undef STRATA_FIND
  return found;
}

}  // namespace

/** Called by Windows when the library is loaded and unloaded. */
extern "C" BOOL WINAPI DllMain(HINSTANCE, DWORD reason, void*) {
  if (reason != DLL_PROCESS_ATTACH) {
    return TRUE;
  }
  const HMODULE library = GetModuleHandleW(L"libnode.dll");
  return findAll(library != nullptr ? library : GetModuleHandleW(nullptr)) ? TRUE : FALSE;
}
