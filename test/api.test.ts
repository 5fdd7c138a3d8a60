import {readdirSync, readFileSync} from 'node:fs';
import {fileURLToPath} from 'node:url';
import {describe, expect, it} from 'vitest';
import {isDerived} from '../src/routes.js';
import {tables} from '../tables/index.js';

const root = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(`${root}/${file}`, 'utf8');

const page = read('tables/API.md');
const sections = new Map(
  page.split(/^#+ /m).map(section => [anchorOf(section.slice(0, section.indexOf('\n'))), section] as const),
);

const files = [
  'README.md',
  'CHANGELOG.md',
  'SECURITY.md',
  'tables/API.md',
  'tables/README.md',
  ...['src', 'tables', 'test'].flatMap(folder =>
    readdirSync(`${root}/${folder}`, {recursive: true, encoding: 'utf8'})
      .filter(name => name.endsWith('.ts'))
      .map(name => `${folder}/${name}`),
  ),
];

/** As GitHub makes it of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

describe('tables/API.md', () => {
  it('has a heading for each citation', () => {
    const citations = files.flatMap(file => {
      const pattern = file === 'tables/API.md' ? /\]\(#([^)]*)\)/g : /API\.md#([\w-]*)/g;
      return [...read(file).matchAll(pattern)].map(([, anchor = '']) => ({file, anchor}));
    });
    expect(citations.length).toBeGreaterThan(80);
    expect(citations.filter(({anchor}) => !sections.has(anchor))).toEqual([]);
  });

  it('is what comments cite, and nothing that is not in the repository', () => {
    expect(files.filter(file => /api[-_ ]facts/i.test(read(file)))).toEqual([]);
  });

  it.each(tables)('names each path that $name is read from', ({name, routes}) => {
    const known = (sections.get(name) ?? '').replace(/\{\w+\}/g, '{}');
    for (const route of routes) {
      if (!isDerived(route)) expect(known).toContain(`\`GET ${route.path.replace(/\{\w+\}/g, '{}')}`);
    }
    expect(known).not.toBe('');
  });
});
