import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {describe, expect, it, onTestFinished} from 'vitest';
import {convertCsv, readHeadings} from '../../src/engine/csv.js';

async function convert(csv: string) {
  const folder = await mkdtemp(join(tmpdir(), 'docebo-csv-'));
  onTestFinished(() => rm(folder, {recursive: true}));
  const [from, to] = [join(folder, "it's.csv"), join(folder, 'rows.ndjson')];
  await writeFile(from, csv);
  const headings = await convertCsv(from, to);
  const lines = (await readFile(to, 'utf8')).split('\n').filter(line => line !== '');
  const rows = lines.map((line): Record<string, unknown> => JSON.parse(line));
  return {headings, rows: rows.map(row => headings.map(heading => row[heading]))};
}

describe('the headings of a CSV file', () => {
  it.each<[start: string, headings: readonly string[], delimiter: string]>([
    ['a,b\r\n1,2', ['a', 'b'], ','],
    ['a;b,c;d\n', ['a', 'b,c', 'd'], ';'],
    ['a\tb', ['a', 'b'], '\t'],
    ['"x, ""y""","two\nlines",z\n1', ['x, "y"', 'two\nlines', 'z'], ','],
    ['Name, name ,,Name', ['Name', 'name 2', 'Column 3', 'Name 3'], ','],
    ['5" pipe,"a;b",c', ['5" pipe', 'a;b', 'c'], ','],
    ['only one', ['only one'], ','],
  ])('of %j', (start, headings, delimiter) => {
    expect(readHeadings(start)).toEqual({headings, delimiter, skipsLine: false});
  });

  it('may follow a line that says what separates values, as Excel writes it', async () => {
    expect(readHeadings('sep=;\r\na,b;c')).toEqual({headings: ['a,b', 'c'], delimiter: ';', skipsLine: true});
    expect(await convert('sep=;\r\na,b;c\r\n1,5;2\r\n')).toEqual({headings: ['a,b', 'c'], rows: [['1,5', '2']]});
  });

  it('close their quotes', () => {
    expect(() => readHeadings('"a,b\n1,2')).toThrow('a quote that is not closed');
  });

  it('hold no NUL', () => {
    expect(() => readHeadings('\0N\0a\0m\0e')).toThrow('its file is no CSV in UTF-8');
  });

  it.each(['', '\n1,2'])('are missed in %j', start => {
    expect(() => readHeadings(start)).toThrow('it does not even have headings');
  });
});

it('every value of a CSV file is kept as text, and an empty one is null', async () => {
  const odd = ['007', '1.10', ' x ', 'a,b', 'two\r\nlines', 'say "hi"', '東京 🚀', '\\', "it's", 'NULL', 'x"y"z'];
  const quoted = odd.map(value => `"${value.replaceAll('"', '""')}"`);
  const {headings, rows} = await convert(`"h ""1""",é\n${quoted.map(value => `${value},\n`).join('')},""\n`);
  expect(headings).toEqual(['h "1"', 'é']);
  expect(rows.toSorted()).toEqual([...odd.map(value => [value, null]), [null, null]].toSorted());
  expect(await convert('a;b\n')).toEqual({headings: ['a', 'b'], rows: []});
});

it('a file that is not CSV is refused without quoting it', async () => {
  await expect(convert('a,b\n1,2\nsecret\n')).rejects.toThrow(
    'The file of the report could not be read as CSV: Invalid Input Error: CSV Error on Line: 3',
  );
});
