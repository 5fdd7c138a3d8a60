/**
 * The comment on an undeclared column. It tells the next run which key the column holds, in case two keys would get one name, and that
 * its values were sent rather than added by somebody.
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
