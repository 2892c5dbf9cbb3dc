// replay [--short | --guarded] recording…: runs recorded kernel calls without Node, on every instruction set that this
// processor has, with one thread and in several other ways. Results must be those of the recording but for rounding, and within
// one set the same bits whatever threads and layout. Then several threads run all calls at once, as JavaScript workers do
// (not with --guarded). Fails, naming them, when kernels were never called. Built with
// sanitizers or for other processors by scripts/check-native.js.
//   (none)     1, 2 and 4 threads, aligned and unaligned; calls with each array in turn one element too short, and empty
//   --short    1 thread on aligned, 4 on unaligned memory: for ThreadSanitizer and emulators
//   --guarded  memory up against pages that cannot be touched
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "fault.h"
#include "mode.h"
#include "placement.h"
#include "runtime/isa.h"
#include "shortened.h"

namespace strata {
namespace {

constexpr int kCallers = 4;
/** Calls on more memory are not shortened: each of their arrays would cost runs. */
constexpr size_t kShortenedBytes = size_t{64} << 10;

const Mode* mode = nullptr;
std::vector<const char*> recordings;
std::map<std::string, int> kernelIndex;

std::mutex reporting;
int failures = 0;  // guarded by `reporting`

void report(const RecordedCall& call, const char* how, const std::string& what) {
  const std::lock_guard<std::mutex> alone(reporting);
  if (++failures <= 40) {
    std::string lengths;
    for (const RecordedArgument& a : call.arguments) {
      lengths += a.kind == ArgumentKind::number ? " #" : " " + std::to_string(a.length);
    }
    fprintf(stderr, "%s (arguments%s), %s: %s\n", call.kernel.c_str(), lengths.c_str(), how, what.c_str());
  }
}

Kernel kernelOf(const RecordedCall& call, int isa) { return kKernels[kernelIndex.at(call.kernel)].variants[isa]; }

/** Empty when the call did what the recorded one did. */
std::string outcome(const RecordedCall& call, Placement& placement, int isa) {
  const std::string code = placement.run(kernelOf(call, isa));
  if (code != call.code) {
    return "error '" + code + "', recorded '" + call.code + "'";
  }
  return placement.difference();
}

/** Every way to run one call; the number of runs. */
long replay(const RecordedCall& call) {
  long runs = 0;
  for (int isa = 0; isa < kIsaCount; ++isa) {
    if (!isaSupported(kIsaNames[isa])) {
      continue;
    }
    setThreads(1);
    Placement first(call, Layout::aligned);
    const std::string wrong = outcome(call, first, isa);
    ++runs;
    if (!wrong.empty()) {
      report(call, kIsaNames[isa], wrong);
      continue;
    }
    for (const auto& [threads, layout] : mode->ways) {
      const std::string how = std::string(kIsaNames[isa]) + ", " + std::to_string(threads) + " threads, " +
                              kLayoutNames[static_cast<int>(layout)] + " memory";
      running = call.kernel + ", " + how + ",";
      setThreads(threads);
      Placement again(call, layout);
      const bool sameError = again.run(kernelOf(call, isa)) == call.code;
      ++runs;
      if (!sameError || !again.sameBits(first)) {
        report(call, how.c_str(), "another result than with one thread on aligned memory");
      }
    }
  }
  return runs;
}

struct Shortened {
  long runs = 0;
  long refused = 0;
};

/** Runs with each array in turn too short, on the set without masked loads, whose every access AddressSanitizer sees. */
void replayShortened(const RecordedCall& call, Shortened& count) {
  setThreads(1);
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    const RecordedArgument& argument = call.arguments[i];
    if (argument.storage == RecordedArgument::kNone || argument.length == 0) {
      continue;
    }
    for (const uint32_t length : {argument.length - 1, 0u}) {
      const RecordedCall shorter = shortened(call, i, length);
      Placement placement(shorter, Layout::aligned);
      const std::string code = placement.run(kernelOf(call, kIsaCount - 1));
      ++count.runs;
      count.refused += code.empty() ? 0 : 1;
    }
  }
}

/** All calls on the best instruction set, from one of several threads; adds their number to `total`. */
void replayAll(std::atomic<long>& total) {
  int isa = 0;
  while (!isaSupported(kIsaNames[isa])) {
    ++isa;
  }
  long runs = 0;
  RecordedCall call;
  for (const char* path : recordings) {
    Recording recording(path);
    while (recording.next(call)) {
      Placement placement(call, Layout::aligned);
      const std::string wrong = outcome(call, placement, isa);
      ++runs;
      if (!wrong.empty()) {
        report(call, "among others", wrong);
      }
    }
  }
  total += runs;
}

long replayConcurrently() {
  setThreads(3);
  std::atomic<long> runs{0};
  std::vector<std::thread> callers;
  for (int i = 0; i < kCallers; ++i) {
    callers.emplace_back(replayAll, std::ref(runs));
  }
  for (std::thread& caller : callers) {
    caller.join();
  }
  return runs;
}

/** Names the kernels without a call; how many there are. */
int printUncalled(const std::map<std::string, long>& calls) {
  int missing = 0;
  for (int i = 0; i < kKernelCount; ++i) {
    if (calls.count(kKernels[i].name) == 0) {
      fprintf(stderr, "%s is in no recording: no test calls it\n", kKernels[i].name);
      ++missing;
    }
  }
  return missing;
}

int run() {
  for (int i = 0; i < kKernelCount; ++i) {
    kernelIndex[kKernels[i].name] = i;
  }
  std::map<std::string, long> calls;
  long total = 0;
  long runs = 0;
  Shortened shortened;
  RecordedCall call;
  for (const char* path : recordings) {
    Recording recording(path);
    while (recording.next(call)) {
      if (kernelIndex.count(call.kernel) == 0) {
        fprintf(stderr, "%s is no kernel of this build: record anew\n", call.kernel.c_str());
        return 2;
      }
      ++calls[call.kernel];
      ++total;
      runs += replay(call);
      if (mode->shortens && call.bytes() <= kShortenedBytes) {
        replayShortened(call, shortened);
      }
    }
  }
  const int uncalled = printUncalled(calls);
  const long atOnce = mode->atOnce ? replayConcurrently() : 0;
  std::string isas;
  for (int isa = 0; isa < kIsaCount; ++isa) {
    if (isaSupported(kIsaNames[isa])) {
      isas += isas.empty() ? kIsaNames[isa] : std::string(", ") + kIsaNames[isa];
    }
  }
  if (mode->shortens) {
    printf("%ld runs with an array too short, %ld of them refused\n", shortened.runs, shortened.refused);
  }
  printf("%zu of %d kernels, %ld calls, %ld runs on %s, %ld runs from %d threads at once: %d failures\n", calls.size(),
         kKernelCount, total, runs, isas.c_str(), atOnce, kCallers, failures);
  return failures > 0 || uncalled > 0 ? 1 : 0;
}

}  // namespace
}  // namespace strata

int main(int count, char** values) {
  using namespace strata;
  mode = modeOf(count > 1 ? values[1] : "");
  if (!mode->atOnce) {  // else `running` would not tell which, and sanitizers tell themselves
    catchFaults();
  }
  recordings.assign(values + (*mode->option == '\0' ? 1 : 2), values + count);
  return run();
}
