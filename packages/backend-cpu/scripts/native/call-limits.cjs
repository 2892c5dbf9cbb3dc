// Which of the tests' kernel calls are replayed: calls that are alike (same kernel, sizes and attributes) differ in what arrays
// hold, and long arrays cost most of the time. What is left out is counted, and the check says how much it is.
'use strict';

/** By the bytes of a call's arrays. `alike`: how many alike, `perKernel`: how many of one kernel. */
const LIMITS = [
  { upTo: 64 << 10, alike: 2, perKernel: 300 },
  { upTo: 1 << 20, alike: 1, perKernel: 10 },
  { upTo: 32 << 20, alike: 1, perKernel: 3 },
];

/** Counts calls against the limits. */
class CallLimits {
  alike = new Map();
  perKernel = new Map();

  /** Whether a call is within them, else the limit that keeps it out: 'alike', 'many' or 'large'. */
  verdict(kernel, likeness, bytes) {
    const size = LIMITS.findIndex(({ upTo }) => bytes <= upTo);
    if (size < 0) return 'large';
    if (!take(this.alike, likeness, LIMITS[size].alike)) return 'alike';
    return take(this.perKernel, `${size} ${kernel}`, LIMITS[size].perKernel) ? 'taken' : 'many';
  }
}

function take(counts, key, limit) {
  const count = counts.get(key) ?? 0;
  if (count < limit) counts.set(key, count + 1);
  return count < limit;
}

function describeLimits() {
  return LIMITS.map(
    ({ upTo, alike, perKernel }) =>
      `up to ${upTo >> 10} KiB ${perKernel} of a kernel, ${alike} alike`,
  ).join('; ');
}

module.exports = { CallLimits, describeLimits };
