import {mkdtemp, readFile, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {Uint8ArrayReader, Uint8ArrayWriter, ZipWriter} from '@zip.js/zip.js/lib/zip-core-native.js';
import {expect, it, onTestFinished} from 'vitest';
import {readZip, unzipCsv} from '../../src/source/tables/unzip-csv.js';

async function zip(files: Readonly<Record<string, Buffer>>): Promise<Buffer> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), {useWebWorkers: false});
  for (const [name, bytes] of Object.entries(files)) await writer.add(name, new Uint8ArrayReader(bytes));
  return Buffer.from(await writer.close());
}

async function unzip(bytes: Buffer, mostBytes?: number) {
  const folder = await mkdtemp(join(tmpdir(), 'docebo-zip-'));
  onTestFinished(() => rm(folder, {recursive: true}));
  const file = join(folder, 'out.csv');
  const wasMended = await unzipCsv(bytes, file, mostBytes);
  return {wasMended, text: await readFile(file, 'utf8')};
}

const csv = `name,n\n${'Zoë,1\n'.repeat(50_000)}`;

it('the file of a ZIP is read as UTF-8, without its byte order mark', async () => {
  expect(await unzip(await zip({'a.csv': Buffer.from(csv), '__MACOSX/a.csv': Buffer.alloc(1)}))).toEqual({
    wasMended: false,
    text: csv,
  });
  expect((await unzip(await zip({'a.csv': Buffer.from(`\ufeff${csv}`)}))).text).toBe(csv);
  expect((await unzip(await zip({'a.csv': Buffer.from(`\ufeff${csv}`, 'utf16le')}))).text).toBe(csv);
  expect(await unzip(await zip({'a.csv': Buffer.from('Zo\xeb', 'latin1')}))).toEqual({
    wasMended: true,
    text: 'Zo\ufffd',
  });
});

it('a ZIP that is damaged anywhere, holds other files or too much is refused', async () => {
  const whole = await zip({'report.csv': Buffer.from(csv)});
  const damaged = Buffer.from(whole);
  damaged[200] = (damaged[200] ?? 0) ^ 0xff;
  await expect(unzip(damaged)).rejects.toThrow(/^its ZIP is damaged/);
  await expect(unzip(whole.subarray(0, whole.length / 2))).rejects.toThrow(/^its ZIP is damaged/);
  await expect(unzip(await zip({}))).rejects.toThrow('holds 0 files, where one was expected');
  await expect(unzip(await zip({a: Buffer.from('a'), b: Buffer.from('b')}))).rejects.toThrow('holds 2 files');
  await expect(unzip(whole, 1000)).rejects.toThrow('larger than 1000 bytes');
  expect(() => readZip(Buffer.from('<html>'))).toThrow('not a ZIP');
});
