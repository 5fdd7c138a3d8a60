/** A flag as it is declared. Help, README.md and what a command is given follow from that. */
export interface Option {
  readonly type?: 'string' | 'number' | 'boolean' | 'array';
  readonly description: string;
  /** The heading under which it is listed. */
  readonly group?: string;
  readonly choices?: readonly string[];
  readonly default?: string | number | boolean | readonly string[];
  readonly demandOption?: boolean;
  /** Whether the flag alone says nothing. */
  readonly requiresArg?: boolean;
  /** Reads the text that was given; throws UsageError if it does not understand it. */
  readonly coerce?: (given: never) => unknown;
}

/** Flags by name. */
export type Options = Readonly<Record<string, Option>>;

type Camel<Name> = Name extends `${infer Word}-${infer Rest}` ? `${Word}${Capitalize<Camel<Rest>>}` : Name;

type Read<O extends Option> = O extends {readonly coerce: (given: never) => infer Value}
  ? Value
  : O extends {readonly choices: readonly (infer Choice)[]}
    ? Choice
    : O extends {readonly type: 'boolean'}
      ? boolean
      : O extends {readonly type: 'array'}
        ? readonly string[]
        : string;

type IsAlwaysThere<O extends Option> = O extends {readonly demandOption: true} | {readonly default: unknown}
  ? true
  : false;

/** What a command is given for its flags: `--page-size` as `pageSize`; undefined for a flag that is not set and has no default. */
export type ArgsOf<O extends Options> = {
  readonly [Name in keyof O as Camel<Name>]: Read<O[Name]> | (IsAlwaysThere<O[Name]> extends true ? never : undefined);
};
