import type {Credentials, EmulatorOptions, SeenRequest} from '../../src/emulator/index.js';

/** What goes over to the emulator's process: its options, with a clock in place of a function. */
export interface EmulatorSettings extends Omit<EmulatorOptions, 'now'> {
  readonly clock?: {readonly startMs: number; readonly scale: number};
}

export interface Day {
  readonly changedUsers: number;
  readonly changedEnrolments: number;
  readonly changedCourses: number;
  readonly goneUsers: number;
  readonly goneEnrolments: number;
}

export interface Commands {
  address(argument: null): {url: string; credentials: Credentials};
  requests(argument: null): readonly SeenRequest[];
  /** Calls that a load of every table needs at the least. */
  expectedCalls(argument: null): number;
  /** What happens to a large tenant in a day: so many rows change or go, chosen at random but the same each time. */
  passDay(argument: Day): null;
  /** Writes the records of a table as typed NDJSON and gives their number. */
  writeTyped(argument: {table: string; file: string}): number;
}

export type Answers = {
  [Name in keyof Commands]: (
    argument: Parameters<Commands[Name]>[0],
  ) => ReturnType<Commands[Name]> | Promise<ReturnType<Commands[Name]>>;
};

export interface Command {
  readonly name: keyof Commands;
  readonly argument: unknown;
}
