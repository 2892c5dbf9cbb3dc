#pragma once

#include <node_api.h>

#include "runtime/call.h"

namespace strata {

/**
 * A JavaScript function (buffers: TypedArray[], late: Float64Array) => void that runs the program of `code` (program.h) with the
 * kernels called `names`, compiled for the instruction set number `isa`. It throws an Error with the failed call's `code`,
 * and its number as `call`.
 */
napi_value createProgram(napi_env env, Instance& instance, int isa, napi_value names, napi_value code);

}  // namespace strata
