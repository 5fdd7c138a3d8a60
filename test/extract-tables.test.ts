import {mkdtemp, rm} from 'node:fs/promises';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect, onTestFinished, test} from 'vitest';
import {readAgain} from '../src/extract-tables.js';
import {Extractor} from '../src/source/tables/extract.js';
import {tableNamed} from './helpers/rehearsal.js';
import {emulate, open} from './source/tenant.js';

test.each([[['courses', 'survey_answers']], [['courses', 'course_learning_objects', 'polls', 'survey_answers']]])(
  'what a new parent brings is asked for down to the last table of %j',
  async names => {
    const emulator = await emulate({users: 300});
    const runFolder = await mkdtemp(join(tmpdir(), 'docebo-extract-'));
    onTestFinished(async () => rm(runFolder, {recursive: true}));
    const extractor = new Extractor({...open(emulator.url), runFolder, driftRetries: 3, accept: {}});
    const loads = names.map(tableNamed);
    for (const table of loads) await extractor.extract(table);
    emulator.edit('courses').insert(0);
    const before = emulator.requests.length;
    await readAgain(extractor, loads, {moved: new Set(['courses']), failed: new Set()});
    const asked = emulator.requests.slice(before).map(({path}) => path);
    // Twice, since the emulator knows nothing of the new course: a refusal is asked for once more.
    expect(asked.filter(path => path.endsWith('/los'))).toEqual([expect.any(String), expect.any(String)]);
    expect(new Set(asked.filter(path => path.endsWith('/los'))).size).toBe(1);
  },
);
