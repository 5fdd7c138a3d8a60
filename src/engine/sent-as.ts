/**
 * What the comment on a column says that no declaration has. From it the next run knows whose column it is, where two keys would
 * go by one name, and that its values were sent and are nobody's own.
 */
export function describeKey(key: string): string {
  return `Sent as ${JSON.stringify(key)}, which is not declared.`;
}

/** The key that a comment names; null for any other comment. */
export function readKey(comment: string | null): string | null {
  const [, quoted] = /^Sent as (".*"), which is not declared\.$/s.exec(comment ?? '') ?? [];
  if (quoted === undefined) return null;
  try {
    return String(JSON.parse(quoted));
  } catch {
    return null;
  }
}
