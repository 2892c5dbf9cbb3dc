/**
 * The hint that follows an unknown name: " Did you mean 'x'?" when one of `known` is near it, else
 * the names that are known, or '' when there are none.
 */
export function nearest(name: string, known: readonly string[]): string {
  // The beginning of a name, as in 'matmul' for 'matmul-1024', is nearer than any misspelling.
  const begun =
    name.length > 2 && known.find((k) => k.toLowerCase().startsWith(name.toLowerCase()));
  if (begun) return ` Did you mean '${begun}'?`;
  let best: string | undefined;
  let distance = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const d = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (d < distance) [best, distance] = [candidate, d];
  }
  if (best !== undefined) return ` Did you mean '${best}'?`;
  return known.length > 0 ? ` Known: ${known.join(', ')}.` : '';
}

/** Levenshtein distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const substitute = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, substitute));
    }
    row = next;
  }
  return row[b.length]!;
}
