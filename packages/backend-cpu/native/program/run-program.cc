#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atomic>

#include "program/program.h"
#include "runtime/sizes.h"
#include "runtime/thread-pool.h"

namespace strata {

namespace {

constexpr size_t kLineBytes = 64;

/** Bytes of one element. */
size_t widthOf(ArgumentKind kind) { return kind == ArgumentKind::uint8 ? 1 : 4; }

/** A run: what every step needs. */
struct Run {
  const Program& program;
  Instance& instance;
  const Buffer* buffers;
  const double* late;
  Failure& failure;
};

void report(const Run& run, size_t call, const char* code, const char* message) {
  run.failure.call = static_cast<int>(call);
  snprintf(run.failure.code, sizeof run.failure.code, "%s", code);
  snprintf(run.failure.message, sizeof run.failure.message, "%s", message);
}

/** Whether `elements` of an operand lie in its buffer. */
bool fits(const Run& run, const Operand& operand, size_t elements) {
  const Buffer& buffer = run.buffers[operand.buffer];
  return operand.offset <= buffer.bytes && elements <= (buffer.bytes - operand.offset) / widthOf(operand.kind);
}

bool misses(const Run& run, size_t call) {
  report(run, call, "STRATA_BAD_ARGUMENT", "an array of a program is shorter than it was when the program was made");
  return false;
}

/** The argument of an operand that is the same for every block; of another what is known of it. */
Argument fixedArgument(const Run& run, const Operand& operand) {
  Argument argument = {operand.kind, nullptr, operand.length, operand.number};
  if (operand.form == OperandForm::late) {
    argument.number = run.late[operand.offset];
  } else if (operand.form == OperandForm::array) {
    argument.data = run.buffers[operand.buffer].data + operand.offset;
  }
  return argument;
}

/** @param follower null, or what is to follow, on so many threads; `followed` tells whether it has. */
bool runCall(const Run& run, size_t index, int threads, const Follower* follower, bool& followed) {
  constexpr size_t kInline = 32;
  const ProgramCall& call = run.program.call[index];
  const Operand* operands = run.program.operand + call.firstOperand;
  Argument few[kInline];
  Argument* arguments = few;
  if (call.operands > kInline) {
    arguments = static_cast<Argument*>(malloc(call.operands * sizeof(Argument)));
    if (arguments == nullptr) {
      report(run, index, "STRATA_OUT_OF_MEMORY", "no memory for a call's arguments");
      return false;
    }
  }
  bool valid = true;
  for (uint32_t i = 0; i < call.operands; ++i) {
    valid = valid && (operands[i].form != OperandForm::array || fits(run, operands[i], operands[i].length));
    arguments[i] = fixedArgument(run, operands[i]);
  }
  if (valid) {
    Call one(run.instance, arguments, static_cast<int>(call.operands), threads);
    if (follower != nullptr) {
      one.setFollower(*follower);
    }
    call.kernel(one);
    followed = one.followed();
    if (one.failed()) {
      report(run, index, one.code(), one.message());
      valid = false;
    }
  } else {
    misses(run, index);
  }
  if (arguments != few) {
    free(arguments);
  }
  return valid;
}

/** A group's calls, and each thread's memory for them: arguments, plans, and what the block's results need. */
struct Group {
  const Run& run;
  const ProgramStep& step;
  const Operand* operands;
  size_t operandCount;
  size_t planBytes;
  size_t slotBytes;
  char* slots;
  std::atomic<int> failed{-1};

  Argument* argumentsOf(int slot) const {
    return reinterpret_cast<Argument*>(slots + static_cast<size_t>(slot) * slotBytes);
  }
  char* plansOf(int slot) const {
    return slots + static_cast<size_t>(slot) * slotBytes + roundUp(operandCount * sizeof(Argument), kLineBytes);
  }
  char* ownOf(int slot) const { return plansOf(slot) + roundUp(planBytes, kLineBytes); }
};

bool isPlan(const int32_t* plan, size_t length) {
  return length > 0 && plan[0] > 0 && 2 * static_cast<size_t>(plan[0]) < length;
}

/** Cuts a plan's outermost axis to `rows` times `each`; a plan of one axis covers all of a row. */
void cutPlan(int32_t* plan, size_t rows, size_t each) { plan[2 * plan[0] - 1] = static_cast<int32_t>(rows * each); }

/** Sets what changes from block to block. */
void enterBlock(const Group& group, int slot, size_t firstRow, size_t rows) {
  Argument* arguments = group.argumentsOf(slot);
  char* plan = group.plansOf(slot);
  char* own = group.ownOf(slot);
  for (size_t i = 0; i < group.operandCount; ++i) {
    const Operand& operand = group.operands[i];
    Argument& argument = arguments[i];
    switch (operand.form) {
      case OperandForm::part:
        argument.data = group.run.buffers[operand.buffer].data + operand.offset +
                        firstRow * operand.each * widthOf(operand.kind);
        argument.length = rows * operand.each;
        break;
      case OperandForm::own:
        argument.data = own + operand.offset;
        argument.length = rows * operand.each;
        break;
      case OperandForm::count:
        argument.number = static_cast<double>(rows * operand.each);
        break;
      case OperandForm::plan:
        argument.data = plan;
        cutPlan(reinterpret_cast<int32_t*>(plan), rows, operand.each);
        plan += operand.length * sizeof(int32_t);
        break;
      default:
        break;
    }
  }
}

void runBlock(Group& group, int slot) {
  const Program& program = group.run.program;
  const Argument* arguments = group.argumentsOf(slot);
  for (uint32_t i = 0; i < group.step.calls; ++i) {
    const ProgramCall& call = program.call[group.step.firstCall + i];
    Call one(group.run.instance, arguments, static_cast<int>(call.operands));
    call.kernel(one);
    if (one.failed()) {
      int none = -1;
      if (group.failed.compare_exchange_strong(none, static_cast<int>(i))) {
        report(group.run, group.step.firstCall + i, one.code(), one.message());
      }
      return;
    }
    arguments += call.operands;
  }
}

/** Rows [row, rowEnd), block by block. */
void runRows(Group& group, int slot, size_t row, size_t rowEnd) {
  for (; row < rowEnd; row += group.step.blockRows) {
    enterBlock(group, slot, row, least(group.step.blockRows, rowEnd - row));
    runBlock(group, slot);
  }
}

bool runGroup(const Run& run, const ProgramStep& step) {
  const ProgramCall* calls = run.program.call + step.firstCall;
  const Operand* operands = run.program.operand + calls->firstOperand;
  size_t operandCount = 0;
  size_t planBytes = 0;
  for (uint32_t k = 0; k < step.calls; ++k) {
    for (uint32_t i = 0; i < calls[k].operands; ++i) {
      const Operand& operand = operands[operandCount++];
      const bool plan = operand.form == OperandForm::plan;
      planBytes += plan ? operand.length * sizeof(int32_t) : 0;
      const size_t elements = operand.form == OperandForm::part ? step.rows * operand.each : operand.length;
      const bool own = operand.form == OperandForm::own;
      const bool array = plan || operand.form == OperandForm::part || operand.form == OperandForm::array;
      if ((array && !fits(run, operand, elements)) ||
          (own && operand.offset + step.blockRows * operand.each * widthOf(operand.kind) > step.ownBytes)) {
        return misses(run, step.firstCall + k);
      }
    }
  }
  const size_t blocks = ceilDivide(step.rows, step.blockRows);
  const int threads = !step.follows && blocks <= step.grain ? 1 : strata::threads();
  const size_t slotBytes = roundUp(operandCount * sizeof(Argument), kLineBytes) + roundUp(planBytes, kLineBytes) +
                           roundUp(step.ownBytes, kLineBytes);
  auto* slots = static_cast<char*>(run.instance.groups.of(slotBytes * static_cast<size_t>(threads)));
  if (slots == nullptr) {
    report(run, step.firstCall, "STRATA_OUT_OF_MEMORY", "no memory for the blocks of a group");
    return false;
  }
  Group group = {run, step, operands, operandCount, planBytes, slotBytes, slots};
  for (int slot = 0; slot < threads; ++slot) {
    Argument* arguments = group.argumentsOf(slot);
    char* plan = group.plansOf(slot);
    for (size_t i = 0; i < operandCount; ++i) {
      arguments[i] = fixedArgument(run, operands[i]);
      if (operands[i].form == OperandForm::plan) {
        const size_t bytes = operands[i].length * sizeof(int32_t);
        memcpy(plan, run.buffers[operands[i].buffer].data + operands[i].offset, bytes);
        if (!isPlan(reinterpret_cast<const int32_t*>(plan), operands[i].length)) {
          return misses(run, step.firstCall);
        }
        plan += bytes;
      }
    }
  }
  if (step.follows) {
    const Follower follower = {[](void* context, size_t begin, size_t end, int slot) {
                                 Group& of = *static_cast<Group*>(context);
                                 const size_t row = of.step.rowElements;
                                 runRows(of, slot, begin / row, least(end / row, of.step.rows));
                               },
                               &group, step.rowElements};
    bool followed = false;
    if (!runCall(run, step.firstCall - 1, threads, &follower, followed)) {
      return false;
    }
    if (followed) {
      return group.failed.load() < 0;
    }
  }
  runLoop(
      blocks, step.grain, threads,
      [](void* context, size_t begin, size_t end, int slot) {
        Group& of = *static_cast<Group*>(context);
        runRows(of, slot, begin * of.step.blockRows, least(end * of.step.blockRows, of.step.rows));
      },
      &group);
  return group.failed.load() < 0;
}

}  // namespace

bool runProgram(const Program& program, Instance& instance, const Buffer* buffers, const double* late,
                Failure& failure) {
  const Run run = {program, instance, buffers, late, failure};
  for (uint32_t i = 0; i < program.steps; ++i) {
    const ProgramStep& step = program.step[i];
    bool followed = false;
    if (!(step.rows == 0 ? runCall(run, step.firstCall, strata::threads(), nullptr, followed) : runGroup(run, step))) {
      return false;
    }
  }
  return true;
}

}  // namespace strata
