// replay [--short] recording…: runs recorded kernel calls without Node, on every instruction set that this processor has, with
// 1, 2 and 4 threads, on aligned and unaligned memory (--short: 1 thread on aligned, 4 on unaligned). Results must be those of
// the recording but for rounding, and within one set the same bits whatever threads and alignment. Then several threads run
// all calls at once, as JavaScript workers do. Fails, naming them, when kernels were never called. Built with sanitizers or
// for other processors by scripts/check-native.js.
#include <atomic>
#include <map>
#include <mutex>
#include <thread>

#include "placement.h"
#include "runtime/isa.h"

namespace strata {
namespace {

struct Way {
  int threads;
  Alignment alignment;
};

/** Compared, bit for bit, with one thread on aligned memory. The last is the one of --short. */
constexpr Way kWays[] = {{1, Alignment::unaligned},
                         {2, Alignment::aligned},
                         {2, Alignment::unaligned},
                         {4, Alignment::aligned},
                         {4, Alignment::unaligned}};
constexpr int kWayCount = sizeof kWays / sizeof kWays[0];
constexpr int kCallers = 4;

std::vector<const char*> recordings;
int firstWay = 0;
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

/** Empty when the call did what the recorded one did. */
std::string outcome(const RecordedCall& call, Placement& placement, int isa) {
  const std::string code = placement.run(kKernels[kernelIndex.at(call.kernel)].variants[isa]);
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
    Placement first(call, Alignment::aligned);
    const std::string wrong = outcome(call, first, isa);
    ++runs;
    if (!wrong.empty()) {
      report(call, kIsaNames[isa], wrong);
      continue;
    }
    for (int way = firstWay; way < kWayCount; ++way) {
      const auto [threads, alignment] = kWays[way];
      setThreads(threads);
      Placement again(call, alignment);
      outcome(call, again, isa);
      ++runs;
      if (!again.sameBits(first)) {
        const char* where = alignment == Alignment::aligned ? "aligned" : "unaligned";
        report(call, kIsaNames[isa],
               "with " + std::to_string(threads) + " threads on " + where + " memory other bits than with one");
      }
    }
  }
  return runs;
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
      Placement placement(call, Alignment::aligned);
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
    }
  }
  const int uncalled = printUncalled(calls);
  const long atOnce = replayConcurrently();
  std::string isas;
  for (int isa = 0; isa < kIsaCount; ++isa) {
    if (isaSupported(kIsaNames[isa])) {
      isas += isas.empty() ? kIsaNames[isa] : std::string(", ") + kIsaNames[isa];
    }
  }
  printf("%zu of %d kernels, %ld calls, %ld runs on %s, %ld runs from %d threads at once: %d failures\n", calls.size(),
         kKernelCount, total, runs, isas.c_str(), atOnce, kCallers, failures);
  return failures > 0 || uncalled > 0 ? 1 : 0;
}

}  // namespace
}  // namespace strata

int main(int count, char** values) {
  const bool brief = count > 1 && strcmp(values[1], "--short") == 0;
  strata::firstWay = brief ? strata::kWayCount - 1 : 0;
  strata::recordings.assign(values + (brief ? 2 : 1), values + count);
  return strata::run();
}
