import {type AcceptableFault, type Accepted, acceptableFaults} from '../accept.js';
import {UsageError} from '../errors.js';

/** Reads `users=duplicates,count`, any number of times. Throws UsageError for any other form. */
export function readAccepted(words: readonly string[]): Accepted {
  const accepted: Record<string, AcceptableFault[]> = {};
  for (const word of words) {
    const [, table, faults = ''] = /^([\w-]+)=(.+)$/.exec(word.trim()) ?? [];
    if (table === undefined) throw refuse();
    for (const fault of faults.split(',').map(each => each.trim())) {
      const known = acceptableFaults.find(each => each === fault);
      if (known === undefined) throw refuse();
      accepted[table] = [...(accepted[table] ?? []), known];
    }
  }
  return accepted;
}

function refuse(): UsageError {
  return new UsageError(`--accept takes a table and what is accepted of it: ${acceptableFaults.join(', ')}.`, {
    hint: 'For example --accept users=duplicates, or --accept courses=count,null-keys.',
  });
}
