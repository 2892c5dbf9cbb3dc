// What a file of native/kernels includes. Such a file is compiled once per instruction set, with STRATA_ISA defined to
// the set's name; everything in it lives in the namespace strata::STRATA_ISA (open it with STRATA_BEGIN, close it with
// STRATA_END), so that no function is shared between sets. For the same reason it uses no function of the C++ library.
#pragma once

#include "runtime/call.h"

#define STRATA_BEGIN       \
  namespace strata {       \
  namespace STRATA_ISA {

#define STRATA_END \
  }                \
  }

/** Defines a kernel and puts it on the table under its name: STRATA_KERNEL(relu) { … uses `call` … } */
#define STRATA_KERNEL(name) \
  void name(Call& call);    \
  void name(Call& call)

#include "simd/vector.h"
