import {readSwitch} from './read-flag.js';

/** How the end of a command is told, known even where its flags are wrong. */
export interface Outlet {
  /** An error is an object on stdout too. */
  readonly json: boolean;
  /** Every line on stderr is an object. */
  readonly events: boolean;
  readonly debug: boolean;
}

export function readOutlet(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): Outlet {
  const isOn = (name: string) => {
    const given = argv.findLast(word => word.startsWith(`--${name}`) || word === `--no-${name}`);
    const word = given === `--${name}` ? 'yes' : (given?.slice(`--${name}=`.length) ?? env[variable(name)]);
    return readSwitch(word ?? '') === true;
  };
  const at = argv.lastIndexOf('--progress');
  const progress =
    at < 0 ? argv.findLast(word => word.startsWith('--progress='))?.slice('--progress='.length) : argv[at + 1];
  return {
    json: isOn('json'),
    debug: isOn('debug'),
    events: (progress ?? env[variable('progress')]) === 'json',
  };
}

function variable(name: string): string {
  return `DOCEBO_INGEST_${name.toUpperCase()}`;
}
