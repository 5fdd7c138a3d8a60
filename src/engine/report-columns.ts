import type {CastOptions} from '../choices.js';
import {ContractError} from '../errors.js';
import type {SpooledTable} from '../spool/format.js';
import type {Kind, Table} from '../table.js';
import {casts} from './casts.js';
import {type Contract, listSome, mostEvolved, tooMany} from './contract.js';
import type {FittingKinds} from './infer.js';
import {type EarlierColumns, type HeldColumn, nameHeadingsAlone, nameKeys} from './name-keys.js';

/**
 * Makes a column of each column of a report, even of one that is empty. Says which are new or gone since the earlier table was read; the
 * schema contract is about the new ones. Throws ContractError if the report has nothing any more of what the earlier table held.
 */
export function settleReportColumns(
  table: Table,
  {undeclared}: SpooledTable,
  earlier: EarlierColumns | null,
  fitting: FittingKinds,
  {schemaContract}: Pick<CastOptions, 'schemaContract'>,
): Contract {
  const headings = [...undeclared.keys()];
  if (headings.length > mostEvolved) throw tooMany(table, headings);
  const {added, gone, isOther} = compare(headings, earlier ?? new Map());
  if (isOther) throw otherColumns(table, headings);
  if (schemaContract === 'freeze' && added.length > 0) throw frozen(table, added);
  const isLeftOut = (heading: string) => schemaContract.startsWith('discard') && added.includes(heading);
  const names = earlier === null ? nameHeadingsAlone(headings) : nameKeys(table, headings, earlier);
  const warnings = [
    ...(added.length > 0 ? [`The report has new columns: ${listSome(added)}`] : []),
    ...(gone.length > 0 ? [`The report no longer has these columns: ${listSome(gone)}`] : []),
  ];
  const evolved = headings
    .filter(heading => !isLeftOut(heading))
    .map(heading => {
      const name = names.get(heading) ?? heading;
      const held = earlier?.get(name);
      const isJson = [...(undeclared.get(heading) ?? [])].some(type => type === 'object' || type === 'array');
      const kind = chooseKind(isJson ? [] : fitting.get(heading), held);
      const wasOpen = held?.isEmpty === true && held.type === casts.text.type;
      if (held !== undefined && !wasOpen && casts[kind].type !== held.type)
        warnings.push(`The column ${name} held ${held.type} and now holds ${casts[kind].type}`);
      const isEmpty = !isJson && fitting.get(heading) === null;
      return {key: heading, name, kind, isHeading: true as const, isEmpty};
    });
  return {evolved, discardedBy: [], renamed: new Map(), warnings};
}

/** Compares the headings with those that the earlier table holds; there is nothing to say if it holds none, or if none were sent. */
function compare(headings: readonly string[], earlier: EarlierColumns) {
  const held = [...earlier.values()].flatMap(({key, isEmpty}) => (key === null ? [] : [{key, isEmpty}]));
  if (held.length === 0 || headings.length === 0) return {added: [], gone: [], isOther: false};
  const full = held.filter(({isEmpty}) => isEmpty !== true).map(({key}) => key);
  const gone = full.filter(key => !headings.includes(key));
  const added = headings.filter(heading => !held.some(({key}) => key === heading));
  return {added, gone, isOther: full.length > 0 && gone.length === full.length};
}

/**
 * The kind of a column, which stays the same from night to night as long as all values fit it. One that was text stays text, unless it was
 * empty so far.
 */
function chooseKind(fitting: readonly Kind[] | null | undefined, held: HeldColumn | undefined): Kind {
  const before = kindsOfReports.find(kind => casts[kind].type === held?.type);
  if (before === 'text' && held?.isEmpty !== true) return 'text';
  if (fitting === null || fitting === undefined) return before ?? 'text';
  return before !== undefined && fitting.includes(before) ? before : (fitting[0] ?? 'text');
}

const kindsOfReports: readonly Kind[] = ['boolean', 'integer', 'double', 'date', 'timestamp', 'text'];

function otherColumns({name}: Table, headings: readonly string[]): ContractError {
  return new ContractError(`${name}: the report has none of its earlier columns any more, but ${listSome(headings)}`, {
    hint: 'The earlier table was kept. Docebo may write the headings in another language. If they are to stay so, rename or drop the table, or choose another name for it.',
  });
}

function frozen({name}: Table, added: readonly string[]): ContractError {
  return new ContractError(`${name}: the report has new columns: ${listSome(added)}`, {
    hint: 'The schema contract is "freeze". With "evolve" they are added, with "discard_value" they are left out.',
    allowedBy: {'schema-contract': 'evolve'},
  });
}
