import type {Reply} from './http/reply.js';

/** Faults that change the question; the answer to that is correct. */
export type InputFault =
  /** The list lacks its first records, so that its pages move while they are read. */
  | {readonly kind: 'shift'; readonly by: number}
  /** Page N is answered with page N-1, and the first page with itself. */
  | {readonly kind: 'repeated-page'};

/** Faults that change a finished page. They do nothing to replies without `data.items`, nor to a record that is not there. */
export type ReplyFault =
  /** Paging facts are missing. @default all of them, including `has_more_data` */
  | {readonly kind: 'no-facts'; readonly names?: readonly string[]}
  /** Paging facts are replaced, for instance by `has_more_data: true` for ever. */
  | {readonly kind: 'facts'; readonly facts: Readonly<Record<string, unknown>>}
  /** `total_count` is off by this many. */
  | {readonly kind: 'wrong-total'; readonly by: number}
  /** `total_count` differs on each page: it is off by this many times the page's number. */
  | {readonly kind: 'moving-total'; readonly by: number}
  /** No records, though the paging facts count them. */
  | {readonly kind: 'empty-page'}
  /** The first records are repeated at the end: after the others, or in place of the last ones. */
  | {readonly kind: 'duplicates'; readonly count: number; readonly instead?: boolean}
  /** `data` holds the records under another key than `items`. */
  | {readonly kind: 'records-under'; readonly key: string}
  /** Only the records: as the whole body, or as `data`. */
  | {readonly kind: 'bare-list'; readonly as?: 'body' | 'data'}
  /** A member of a record, by default the first one, is missing or null. */
  | {readonly kind: 'null-value'; readonly key: string; readonly record?: number}
  /** The first record holds a text of this length. */
  | {readonly kind: 'huge'; readonly megabytes: number}
  /** The first record holds lists nested this deep. */
  | {readonly kind: 'deep'; readonly levels: number};

const factNames = ['has_more_data', 'total_count', 'total_page_count', 'current_page', 'current_page_size', 'count'];

type Data = Record<string, unknown> & {items: Record<string, unknown>[]};

export function bendReply(reply: Reply, fault: ReplyFault): Reply {
  const body: {data?: Partial<Data>} = JSON.parse(reply.body.toString());
  const {data} = body;
  if (!hasItems(data)) return reply;
  const bent = bendBody(body, data, fault);
  const text = JSON.stringify(bent);
  return {
    ...reply,
    body: Buffer.from(fault.kind === 'deep' ? text.replace(`"${deepMark}"`, nest(fault.levels)) : text),
  };
}

function hasItems(data: Partial<Data> | undefined): data is Data {
  return Array.isArray(data?.items);
}

function bendBody(body: object, data: Data, fault: ReplyFault): unknown {
  const {items} = data;
  const withData = (changes: Record<string, unknown>) => ({...body, data: {...data, ...changes}});
  switch (fault.kind) {
    case 'no-facts':
      // JSON leaves out what is undefined.
      return withData(Object.fromEntries((fault.names ?? factNames).map(name => [name, undefined])));
    case 'facts':
      return withData(fault.facts);
    case 'wrong-total':
      return withData(totalOff(data, fault.by));
    case 'moving-total':
      return withData(totalOff(data, fault.by * Number(data['current_page'])));
    case 'empty-page':
      return withData({items: [], count: 0});
    case 'duplicates': {
      const again = items.slice(0, fault.count);
      const kept = fault.instead ? items.slice(0, items.length - again.length) : items;
      return withData({items: [...kept, ...again]});
    }
    case 'records-under':
      return withData({items: undefined, [fault.key]: items});
    case 'bare-list':
      return fault.as === 'body' ? items : {...body, data: items};
    case 'null-value':
      return withData({items: change(items, {[fault.key]: null}, fault.record)});
    case 'huge':
      return withData({items: change(items, {padding: 'x'.repeat(fault.megabytes * 1_000_000)})});
    case 'deep':
      return withData({items: change(items, {deep: deepMark})});
  }
}

function change(items: Data['items'], changes: Record<string, unknown>, changed = 0): Data['items'] {
  return items.map((record, place) => (place === changed ? {...record, ...changes} : record));
}

function totalOff(data: Data, by: number): Record<string, unknown> {
  const total = Number(data['total_count']) + by;
  return {total_count: total, total_page_count: Math.ceil(total / Number(data['current_page_size']))};
}

const deepMark = 'lists within lists';

/** As text: JSON.stringify cannot go as deep as a reader may have to. */
function nest(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}
