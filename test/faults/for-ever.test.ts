import {test} from 'vitest';
import {forEver} from './for-ever.js';
import {expectOutcome} from './outcome.js';

test.each(forEver)('$name', async each => expectOutcome(each));
