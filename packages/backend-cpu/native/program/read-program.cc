#include <stdlib.h>

#include "program/program.h"

namespace strata {

namespace {

/** Numbers of the code, one after the other. */
struct Reader {
  const double* at;
  const double* end;
  const char* why = nullptr;

  double number() {
    if (at == end) {
      why = "it ends too early";
      return 0;
    }
    return *at++;
  }

  /** A whole number below `limit`. */
  size_t size(double limit = 9007199254740992.0) {
    const double value = number();
    if (!(value >= 0 && value < limit) || value != static_cast<double>(static_cast<uint64_t>(value))) {
      why = why != nullptr ? why : "a number is out of range";
      return 0;
    }
    return static_cast<size_t>(value);
  }
};

Operand readOperand(Reader& in, const Program& program, bool inGroup) {
  Operand operand = {};
  operand.form = static_cast<OperandForm>(in.size(inGroup ? 8 : 4));
  const auto kind = [&] {
    const size_t value = in.size(5);
    if (value < static_cast<size_t>(ArgumentKind::float32)) {
      in.why = "an array of no kind";
    }
    return static_cast<ArgumentKind>(value);
  };
  const auto place = [&] {
    operand.buffer = static_cast<uint32_t>(in.size(program.buffers));
    operand.offset = in.size();
  };
  switch (operand.form) {
    case OperandForm::nothing:
      operand.kind = ArgumentKind::absent;
      break;
    case OperandForm::number:
      operand.kind = ArgumentKind::number;
      operand.number = in.number();
      break;
    case OperandForm::late:
      operand.kind = ArgumentKind::number;
      operand.offset = in.size(program.lateNumbers);
      break;
    case OperandForm::array:
      operand.kind = kind();
      place();
      operand.length = in.size();
      break;
    case OperandForm::part:
      operand.kind = kind();
      place();
      operand.each = in.size();
      break;
    case OperandForm::own:
      operand.kind = kind();
      operand.offset = in.size();
      operand.each = in.size();
      break;
    case OperandForm::count:
      operand.kind = ArgumentKind::number;
      operand.each = in.size();
      break;
    case OperandForm::plan:
      operand.kind = ArgumentKind::int32;
      place();
      operand.length = in.size(64);
      operand.each = in.size();
      break;
  }
  return operand;
}

ProgramCall readCall(Reader& in, Program& program, const Kernel* kernels, size_t kernelCount, bool inGroup) {
  ProgramCall call = {};
  const size_t kernel = in.size(static_cast<double>(kernelCount));
  call.kernel = in.why == nullptr ? kernels[kernel] : nullptr;
  call.firstOperand = program.operands;
  call.operands = static_cast<uint32_t>(in.size(static_cast<double>(in.end - in.at + 1)));
  for (uint32_t i = 0; i < call.operands && in.why == nullptr; ++i) {
    program.operand[program.operands++] = readOperand(in, program, inGroup);
  }
  return call;
}

}  // namespace

Program* readProgram(const double* code, size_t length, const Kernel* kernels, size_t kernelCount, const char** why) {
  auto* program = static_cast<Program*>(calloc(1, sizeof(Program)));
  // No step, call or operand takes less than one number.
  auto* step = static_cast<ProgramStep*>(calloc(length + 1, sizeof(ProgramStep)));
  auto* call = static_cast<ProgramCall*>(calloc(length + 1, sizeof(ProgramCall)));
  auto* operand = static_cast<Operand*>(calloc(length + 1, sizeof(Operand)));
  if (program == nullptr || step == nullptr || call == nullptr || operand == nullptr) {
    free(program);
    free(step);
    free(call);
    free(operand);
    *why = "there is no memory for it";
    return nullptr;
  }
  *program = Program{0, 0, 0, 0, 0, step, call, operand};
  Reader in = {code, code + length};
  program->buffers = static_cast<uint32_t>(in.size(4294967296.0));
  program->lateNumbers = static_cast<uint32_t>(in.size(4294967296.0));
  while (in.at != in.end && in.why == nullptr) {
    ProgramStep& next = program->step[program->steps++];
    const size_t kind = in.size(3);
    const bool inGroup = kind > 0;
    next.follows = kind == 2;
    if (next.follows) {
      program->call[program->calls++] = readCall(in, *program, kernels, kernelCount, false);
    }
    next.firstCall = program->calls;
    next.calls = 1;
    if (inGroup) {
      next.rows = in.size();
      next.rowElements = in.size();
      next.blockRows = in.size();
      next.grain = in.size();
      next.ownBytes = in.size();
      next.calls = static_cast<uint32_t>(in.size(static_cast<double>(length)));
      if (in.why == nullptr && (next.rows == 0 || next.rowElements == 0 || next.blockRows == 0 || next.grain == 0 || next.calls == 0)) {
        in.why = "a group without rows or calls";
      }
    }
    for (uint32_t i = 0; i < next.calls && in.why == nullptr; ++i) {
      program->call[program->calls++] = readCall(in, *program, kernels, kernelCount, inGroup);
    }
  }
  if (in.why != nullptr) {
    *why = in.why;
    freeProgram(program);
    return nullptr;
  }
  return program;
}

void freeProgram(Program* program) {
  free(program->step);
  free(program->call);
  free(program->operand);
  free(program);
}

}  // namespace strata
