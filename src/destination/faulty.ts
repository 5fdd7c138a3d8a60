import {DestinationError} from '../errors.js';

/** Refuses a file that was read back before it is put in place: a disk may write less than it says. */
export function refuseFaulty(place: string, rows: number, fault: string | undefined): void {
  if (fault === undefined) return;
  throw new DestinationError(`${place}: ${rows} rows were proved, but the file that was written ${fault}`, {
    hint: 'The earlier file was kept. Check the disk, and run again.',
  });
}
