import {test} from 'vitest';
import {forEver} from './for-ever.js';
import {expectOutcome} from './outcome.js';

// Not test.each, which would cut the names short.
for (const each of forEver) test(each.name, async () => expectOutcome(each));
