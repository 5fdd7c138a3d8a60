import {test} from 'vitest';
import {once} from './once.js';
import {expectOutcome} from './outcome.js';

// Not test.each, which would cut the names short.
for (const each of once) test(each.name, async () => expectOutcome(each));
