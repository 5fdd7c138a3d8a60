import type {RunEvent} from '../report.js';
import {describeEvent} from './describe-event.js';
import {toLine} from './printable.js';

type Failed = Extract<RunEvent, {type: 'table_failed'}>;

/** Tables that fail for one reason are told by one line for the reason and one for all others it befell at that moment. */
export class Failures {
  #others: string[] = [];

  /** The lines that can be told now. */
  tell(event: Failed): readonly string[] {
    if (event.isTold === true) {
      this.#others.push(event.table);
      return [];
    }
    return [...this.flush(), describeEvent(event)];
  }

  /** The line that was held back for more tables to come, if there is one. */
  flush(): readonly string[] {
    const others = this.#others.splice(0);
    return others.length === 0 ? [] : [toLine(`failed for the same reason: ${others.join(', ')}`)];
  }
}
