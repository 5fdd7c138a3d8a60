import {type DuckLakePlace, isRemote, type LakePlace} from '../../lake-uri.js';
import type {PostgresPlace} from '../../postgres-uri.js';
import type {Secret} from '../../secret.js';
import type {Target} from '../destination.js';
import type {Place} from '../difference/plan.js';
import {nameServer, type Server} from '../postgres/server.js';

/** A catalog, and how it is reached. */
export interface Lake extends Pick<Server, 'env' | 'lockTimeoutMs'> {
  readonly place: LakePlace;
  /** That of the URI, which wins over those of the environment. */
  readonly password: Secret | null;
}

/** What messages call the catalog. */
export function nameLake({place}: Pick<Lake, 'place'>): string {
  if (place.scheme === 'md') return `The database ${place.database} of MotherDuck`;
  const {catalog} = place;
  if (typeof catalog === 'string') return `The DuckLake ${catalog}`;
  return `The DuckLake in ${nameServer({place: catalog}).replace(/^T/, 't')}`;
}

/** What DuckDB calls it once it is attached. MotherDuck takes no name but the database's own. */
export function catalogOf(place: LakePlace): string {
  return place.scheme === 'md' ? place.database : 'docebo_lake';
}

export function locate({schema, name}: Target): Place {
  return [schema ?? 'main', name];
}

/** The server that holds the catalog. */
export function serverOf({password, env, lockTimeoutMs}: Lake, place: PostgresPlace): Server {
  return {place, password, env, lockTimeoutMs};
}

/** The folder for rows, if it is on this machine. DuckDB puts that of a file beside it, where none is named. */
export function dataFolderOf({catalog, dataPath}: DuckLakePlace): string | null {
  const path = dataPath ?? (typeof catalog === 'string' ? `${catalog}.files/` : null);
  return path === null || isRemote(path) ? null : path.replace(/(?<=.)\/$/, '');
}
