import {isOf} from '../areas.js';
import {createCursors} from '../cursors.js';
import {createExports} from '../exports.js';
import type {Nights} from '../nights.js';
import type {Settings} from '../options.js';
import {LegacyFailure} from '../routes/legacy.js';
import {routes} from '../routes/routes.js';
import type {Tenant} from '../tenant/tenant.js';
import {Attachment, failure, json, legacyFailure, Refusal} from './reply.js';
import type {Answer} from './serve.js';

/** Answers out of an invented tenant. */
export function answerFrom(tenant: Tenant, settings: Settings, nights: Nights): Answer {
  const {seed, without, absentStatus} = settings;
  const context = {
    tenant,
    settings,
    nights,
    cursors: createCursors(settings.cursors),
    exports: createExports(seed, settings.reports),
  };
  return async (url, fault, {method, body: sent}) => {
    const {pathname: path, searchParams: query} = url;
    if (fault?.kind === 'repeated-page') query.set('page', String(Math.max(1, Number(query.get('page') ?? 1) - 1)));
    const shift = fault?.kind === 'shift' ? fault.by : 0;
    if (isOf(without, path)) return failure(absentStatus);
    try {
      for (const route of routes) {
        const match = route.pattern.exec(path);
        if (match === null || route.method !== method) continue;
        const body = await route.answer({path, query, id: match[1] ?? '', shift, body: sent, ...context});
        return body instanceof Attachment ? body.reply : json(body);
      }
      return failure(404);
    } catch (error) {
      if (error instanceof LegacyFailure) return legacyFailure(error.number, error.message);
      if (error instanceof Refusal) return failure(error.status, error.message === '' ? undefined : error.message);
      throw error;
    }
  };
}
