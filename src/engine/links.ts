import {readlink, realpath} from 'node:fs/promises';
import {dirname, resolve} from 'node:path';

/** Linux follows as many. */
const mostLinks = 40;

/** Where a path leads, even if nothing is there yet: `realpath` needs an existing file. */
export async function followLinks(path: string): Promise<string> {
  let place = path;
  for (let links = 0; links < mostLinks; links++) {
    const target = await readlink(place).catch(() => undefined);
    if (target === undefined) return place;
    const folder = await realpath(dirname(place)).catch(() => dirname(place));
    place = resolve(folder, target);
  }
  return place;
}
