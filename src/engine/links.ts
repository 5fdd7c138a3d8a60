import {readlink, realpath} from 'node:fs/promises';
import {dirname, resolve} from 'node:path';

/** As many as Linux follows. */
const mostLinks = 40;

/** Where a path leads, though nothing may be there yet: `realpath` knows only what is there. */
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
