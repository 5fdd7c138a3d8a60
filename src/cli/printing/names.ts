/** Names by the reason that they share, in the order in which the reasons first occur. */
export function groupNames(each: Iterable<readonly [reason: string, name: string]>): ReadonlyMap<string, string[]> {
  const byReason = new Map<string, string[]>();
  for (const [reason, name] of each) byReason.set(reason, [...(byReason.get(reason) ?? []), name]);
  return byReason;
}

/** More would hide the rest of a report; --json names all. */
const mostNames = 5;

/** `a, b, c, d, e, and 12 more`. */
export function listFew(names: readonly string[]): string {
  const more = names.length > mostNames ? [`and ${names.length - mostNames} more`] : [];
  return [...names.slice(0, mostNames), ...more].join(', ');
}

/** `Absent (Docebo answered 403: Forbidden): badges, leaderboards.` */
export function sayWhy(what: string, reason: string, names: string): string {
  return `${what} (${reason.replace(/\.$/, '')}): ${names}.`;
}
