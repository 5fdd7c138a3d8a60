import {readdir, readFile} from 'node:fs/promises';
import {join} from 'node:path';

/** Paths and queries of the requests whose whole lines stand in the manifests of a run's folder. */
export async function durableRequests(run: string): Promise<readonly string[]> {
  const requests: string[] = [];
  for (const table of await readdir(run).catch(() => [])) {
    const text = await readFile(join(run, table, 'manifest.ndjson'), 'utf8').catch(() => '');
    for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
      const {request = ''}: {request?: string} = line === '' ? {} : JSON.parse(line);
      if (request.startsWith('GET ')) requests.push(request.slice('GET '.length));
    }
  }
  return requests;
}

/**
 * Of the requests that were asked, those whose records were on disk. Lists that can be frozen are left out: where one was left, the pages
 * around are read again, since from there on it is another list.
 */
export function askedAgain(asked: readonly string[], durable: readonly string[]): readonly string[] {
  return asked.filter(
    request => durable.includes(request) && !/^\/(manage\/v1\/user|learn\/v1\/courses)\?/.test(request),
  );
}
