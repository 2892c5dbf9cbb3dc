// The instruction sets the kernels were compiled for, and which of them this processor can run.
#pragma once

namespace strata {

/** Whether this processor (and its operating system) runs code compiled for the instruction set `name`. */
bool isaSupported(const char* name);

}  // namespace strata
