// Kernel calls that are written down once and run together, in one call from JavaScript.
//
// Their arrays lie in numbered buffers, which every run is given anew. Calls that work element by element may form a group,
// which is run block by block: what one call of a block writes, the next finds in the first-level cache, and results that
// nobody reads outside the group have no memory but a block's.
//
// The code, made by src/program/encode.ts, is a list of numbers:
//   program   buffers, late numbers, then steps
//   step      0, call
//             1, group
//             2, call, group: on rows of the call's result as soon as they are written (Follower of runtime/call.h)
//   group     rows, elements of a row, rows of a block, blocks that a thread takes at a time, bytes of a block's own memory, calls, call …
//   call      index of a kernel name, arguments, argument …
//   argument  0                                        nothing
//             1, value                                 a number
//             2, index                                 a late number: every run brings its value
//             3, kind, buffer, byte offset, length     an array
//   and in groups, where an array of `each` elements per row counts the block's rows only:
//             4, kind, buffer, byte offset, each       the block's part of an array
//             5, kind, byte offset, each               an array in the block's own memory
//             6, each                                  the number of elements in a block
//             7, buffer, byte offset, length, each     a broadcast plan (simd/broadcast.h), its outermost axis cut to the block
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "runtime/call.h"

namespace strata {

/** Memory that a run is given. */
struct Buffer {
  char* data;
  size_t bytes;
};

enum class OperandForm : uint8_t { nothing, number, late, array, part, own, count, plan };

struct Operand {
  OperandForm form;
  ArgumentKind kind;
  uint32_t buffer;
  /** Bytes into the buffer, or into the block's own memory; the index of a late number. */
  size_t offset;
  /** Elements: all, or per row. */
  size_t length;
  size_t each;
  double number;
};

struct ProgramCall {
  Kernel kernel;
  uint32_t firstOperand;
  uint32_t operands;
};

struct ProgramStep {
  /** Of the group, where the step is one. */
  uint32_t firstCall;
  uint32_t calls;
  /** Whether the call before the first one is to be followed by the group. */
  bool follows;
  /** 0 for a call by itself. */
  size_t rows;
  size_t rowElements;
  size_t blockRows;
  size_t grain;
  size_t ownBytes;
};

/** What a run says when a call failed. */
struct Failure {
  int call;
  char code[32];
  char message[256];
};

struct Program {
  uint32_t buffers;
  uint32_t lateNumbers;
  uint32_t steps;
  uint32_t calls;
  uint32_t operands;
  ProgramStep* step;
  ProgramCall* call;
  Operand* operand;
};

/** Reads a program's code; `kernels` are those that its names stand for. Gives nullptr, and why, for code that is none. */
Program* readProgram(const double* code, size_t length, const Kernel* kernels, size_t kernelCount, const char** why);
void freeProgram(Program* program);

/** Runs all steps; false and `failure` for the first call that failed. */
bool runProgram(const Program& program, Instance& instance, const Buffer* buffers, const double* late, Failure& failure);

}  // namespace strata
