import {type CustomField, type CustomFields, noCustomFields} from '../custom-fields.js';
import type {SentType} from '../json/scanner.js';
import type {Kind, Table} from '../table.js';
import {casts} from './casts.js';
import {foldCase} from './fold-case.js';
import {type EarlierColumns, isRenamed, type Naming, nameKeys, nameKeysAlone, toSnakeCase} from './name-keys.js';
import {labelsOf} from './sent-as.js';

/** An undeclared column: the record's key, the column's name, and what the key was seen to hold. */
export interface EvolvedColumn {
  readonly key: string;
  readonly name: string;
  readonly kind: Kind;
  /** What the tenant says of the field that it holds. */
  readonly field?: CustomField;
  /** Whether it is named after the title of that field. */
  readonly isTitled?: true;
  /** Whether it is a column of a report. */
  readonly isHeading?: true;
  /** Whether no record holds a value for it; only known of a column of a report. */
  readonly isEmpty?: boolean;
  /** For a column of labels: the key that holds the ids of the options. */
  readonly labels?: string;
}

/** The types that undeclared keys were seen to hold. */
export type UndeclaredKeys = ReadonlyMap<string, ReadonlySet<SentType>>;

export interface Evolution {
  readonly evolved: readonly EvolvedColumn[];
  /** Earlier column → the column that holds its key now. */
  readonly renamed: ReadonlyMap<string, string>;
  readonly warnings: readonly string[];
}

/**
 * Makes a column of each key that holds anything, and warns of those whose column changes its type. A field with known options gets a column
 * of labels beside it. `earlier` is null for a destination that keeps only the names of its columns.
 */
export function evolve(
  table: Table,
  undeclared: UndeclaredKeys,
  earlier: EarlierColumns | null,
  fields: CustomFields = noCustomFields,
): Evolution {
  const hasOptions = (key: string) => Object.keys(fields.byKey.get(key)?.options ?? {}).length > 0;
  const keys = [...undeclared.keys()].flatMap(key => (hasOptions(key) ? [key, labelsOf(key)] : [key]));
  const naming = nameFields(fields);
  const names = earlier === null ? nameKeysAlone(table, keys, naming) : nameKeys(table, keys, earlier, naming);
  const declared = new Set(Object.keys(table.columns).map(foldCase));
  const warnings: string[] = [];
  const evolved = [...undeclared]
    .filter(([, types]) => holdsAnything(types))
    .flatMap(([key, types]): EvolvedColumn[] => {
      const name = names.get(key) ?? key;
      const held = earlier?.get(name);
      const kind = widen(types, held?.type);
      if (held !== undefined && kind === 'text' && held.type !== casts.text.type) {
        warnings.push(`The column ${name} held ${held.type} and now holds text`);
      }
      if (held?.key === null) {
        warnings.push(`The column ${name} holds ${JSON.stringify(key)}; whether it held that key before is not known`);
      }
      const wanted = naming.names.get(key) ?? toSnakeCase(key);
      if (held === undefined && !declared.has(wanted) && earlier?.get(wanted)?.isOwn) {
        warnings.push(`The column ${wanted} is your own, so the values sent as ${JSON.stringify(key)} are in ${name}`);
      }
      const field = fields.byKey.get(key);
      const isTitled = held?.isTitled ?? (held === undefined && name !== toSnakeCase(key) && naming.names.has(key));
      const about = {...(field !== undefined && {field}), ...(isTitled && {isTitled})};
      const labels = {key: labelsOf(key), name: names.get(labelsOf(key)) ?? '', kind: 'text', labels: key} as const;
      const isLabelled = hasOptions(key) && (kind === 'text' || kind === 'integer');
      return [{key, name, kind, ...about}, ...(isLabelled ? [{...labels, ...about}] : [])];
    });
  const renamed = findRenamed(evolved, earlier ?? new Map(), naming);
  const told = [...renamed].map(([from, to]) => `${from} to ${to}`);
  if (told.length > 0) warnings.push(`Columns were renamed: ${told.join(', ')}`);
  return {evolved, renamed, warnings};
}

function nameFields({namedBy, byKey}: CustomFields): Naming {
  const names = [...byKey].flatMap(([key, {name}]): (readonly [string, string])[] =>
    namedBy === 'title'
      ? [
          [key, name],
          [labelsOf(key), `${name}_label`],
        ]
      : [[labelsOf(key), `${toSnakeCase(key)}_label`]],
  );
  return {namedBy, names: new Map(names)};
}

function findRenamed(evolved: readonly EvolvedColumn[], earlier: EarlierColumns, naming: Naming) {
  const now = new Map(evolved.map(({key, name}) => [key, name]));
  const renamed = [...earlier].flatMap(([name, held]): (readonly [string, string])[] => {
    const to = held.key !== null && isRenamed(name, held, naming) ? now.get(held.key) : undefined;
    return to === undefined || to === name ? [] : [[name, to]];
  });
  return new Map(renamed);
}

/** A key that was only ever null shows no type yet, so it does not become a column yet. */
export function holdsAnything(types: ReadonlySet<SentType>): boolean {
  return [...types].some(type => type !== 'null');
}

function kindOf(types: ReadonlySet<SentType>): Kind {
  const seen = [...types].filter(type => type !== 'null');
  const only = (...allowed: SentType[]) => seen.every(type => allowed.includes(type));
  if (only('boolean')) return 'boolean';
  if (only('integer', 'bigint')) return 'integer';
  // As a double, a number beyond 64 bits would lose digits, and so would an id in a column of fractions.
  if (only('integer', 'number')) return 'double';
  if (only('object', 'array')) return 'json';
  return 'text';
}

const wholeType = /^U?(TINY|SMALL|BIG)?INT(EGER)?$/;
const numericType = /^(U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?|FLOAT|DOUBLE|DECIMAL\(.*\))$/;

/** A column that held 87.5 and gets only 88 for a night still holds numbers. As text, which it would stay for good, it has no sum. */
function widen(types: ReadonlySet<SentType>, held: string | undefined): Kind {
  const kind = kindOf(types);
  if (held === undefined || held === casts[kind].type) return kind;
  if (kind === 'integer' && wholeType.test(held)) return 'integer';
  if ((kind === 'integer' || kind === 'double') && numericType.test(held) && !types.has('bigint')) return 'double';
  return 'text';
}
