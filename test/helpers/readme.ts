import {readFile} from 'node:fs/promises';

/** The queries of the README that read a table, as they stand there. */
export async function readQueries(table: string): Promise<readonly string[]> {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  const blocks = [...readme.matchAll(/```sql\n(.*?)```/gs)].map(([, block = '']) => block);
  return blocks.filter(block => block.includes(`FROM ${table}`));
}
