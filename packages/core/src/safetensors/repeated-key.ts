/**
 * The first key that stands twice in one object of a JSON text, or null. `JSON.parse` keeps the last
 * of them without a word.
 *
 * @param json must be valid JSON.
 */
export function repeatedKey(json: string): string | null {
  const open: Set<string>[] = [];
  // Strings (with the colon that makes them keys) and braces are all that matters.
  for (const [token, text, colon] of json.matchAll(/("(?:[^"\\]|\\.)*")\s*(:?)|[{}]/g)) {
    if (token === '{') open.push(new Set());
    else if (token === '}') open.pop();
    else if (colon === ':') {
      const key = JSON.parse(text!) as string;
      const keys = open.at(-1)!;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return null;
}
