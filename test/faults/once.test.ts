import {test} from 'vitest';
import {once} from './once.js';
import {expectOutcome} from './outcome.js';

test.each(once)('$name', async each => expectOutcome(each));
