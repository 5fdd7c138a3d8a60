import {dateText, laterMoment, oddDateText, someMoment} from '../dates.js';
import {joinLists, type List, lazyList, listOf, mapList, type SentRecord} from '../list.js';
import {dice, type Ids, spreadIds, uuid} from '../random.js';
import {html, sentence, slug, title} from '../texts.js';
import type {Courses} from './courses.js';
import type {LearningPlans} from './learning-plans.js';
import type {Users} from './users.js';

/** What users share (assets), and the channels in which they and the courses and plans are shown. */
export interface Content {
  readonly assets: List;
  readonly assetIds: Ids;
  readonly channels: List;
  readonly channelIds: Ids;
  /** Channels that an asset is in, as the asset lists them. */
  channelsOf(asset: number): List;
  /** What a channel holds. */
  itemsOf(channel: number): List;
}

export function createContent(seed: number, users: Users, courses: Courses, plans: LearningPlans): Content {
  const assetCount = Math.max(8, Math.round(users.count / 50));
  const channelCount = Math.min(40, Math.max(4, Math.round(Math.sqrt(users.count) / 4)));
  const assetIds = spreadIds(101, 3, seed, 'asset', assetCount);
  const channelIds = spreadIds(3, 2, seed, 'channel', channelCount);

  /** One asset in seven is in no channel. The last channel is empty, the first one shows all courses. */
  const placesOf = (asset: number): readonly number[] => {
    if (asset % 7 === 6) return [];
    const shown = channelCount - 1;
    const second = dice(seed, 'asset-channel', asset).below(3 * shown);
    return [...new Set([asset % shown, ...(second < shown ? [second] : [])])];
  };
  const assetsIn = Array.from({length: channelCount}, (): number[] => []);
  for (let asset = 0; asset < assetCount; asset += 1)
    for (const channel of placesOf(asset)) assetsIn[channel]?.push(asset);

  const channel = (index: number) => channelRecord(seed, index, channelIds.id(index));
  const asset = (index: number) => assetRecord(seed, index, assetIds.id(index), users);
  return {
    assets: lazyList(assetCount, asset),
    assetIds,
    channels: lazyList(channelCount, channel),
    channelIds,
    channelsOf: index =>
      mapList(listOf(placesOf(index)), place => {
        const {id, predefined_uid, ...rest} = channel(place);
        const facts = {ordering: place, sorting: 'title', permissions: 1, peer_review: place % 3 === 0};
        return {channel_id: id, uid_predefined: predefined_uid, ...rest, ...facts};
      }),
    itemsOf(index) {
      const own = assetsIn[index] ?? [];
      if (index === channelCount - 1) return listOf([]);
      const step = index === 0 ? 1 : channelCount;
      const everyNth = (length: number) =>
        lazyList(Math.max(0, Math.ceil((length - index) / step)), n => index + n * step);
      const shown = mapList(everyNth(courses.count), course => courseItem(seed, course, courses));
      const paths = mapList(everyNth(plans.list.length), plan => planItem(plans.list.at(plan)));
      return joinLists(
        joinLists(shown, paths),
        mapList(listOf(own), each => assetItem(asset(each))),
      );
    },
  };
}

function channelRecord(seed: number, index: number, id: number): SentRecord {
  const die = dice(seed, 'channel', index);
  return {
    id,
    name: title(die),
    description: html(die),
    created: oddDateText(die, someMoment(die)),
    is_enabled: die.chance(0.9),
    predefined_uid: index === 1 ? 'system_continue_watch' : null,
    // PHP writes an empty map as a list.
    icon: die.chance(0.2) ? [] : {font: 'fa-star', color: '#ffffff', background: `#${die.hex(6)}`},
  };
}

function assetRecord(seed: number, index: number, id: number, users: Users): SentRecord {
  const die = dice(seed, 'asset', index);
  const owner = die.below(users.count);
  const {firstName, lastName} = users.person(owner);
  const name = {short_name: `${firstName.slice(0, 1)}. ${lastName}`, full_name: `${firstName} ${lastName}`, avatar: ''};
  const person = {id: users.ids.id(owner), ...name};
  const created = someMoment(die);
  const [general, sub] = die.pick(kinds);
  const published = {...person, created_at: oddDateText(die, laterMoment(die, created, 20))};
  const lastEdit = {...person, created_at: dateText(laterMoment(die, created, 300))};
  return {
    id,
    title: title(die),
    description: die.chance(0.2) ? null : html(die),
    date_created: oddDateText(die, created),
    kind: {general, sub, type: die.below(9)},
    is_private: die.chance(0.2),
    views: String(die.below(500)),
    external_id: index % 5 === 1 ? `EXT-${id}` : null,
    owner: {...person, uuid: uuid(die)},
    info: {
      duration: general === 'video' ? String(die.below(900)) : '',
      duration_unit: general === 'video' ? 'sec' : '',
      // An asset that was never published nor edited.
      history: die.chance(0.1) ? [] : {published, last_edit: lastEdit},
    },
    thumbnail: {carousel: `https://cdn.example.com/assets/${id}.png`, video: '', original: '', small: ''},
    files: die.chance(0.5) ? [] : {original: `https://cdn.example.com/assets/${id}.mp4`, converted: ''},
  };
}

const kinds = [
  ['video', 'upload'],
  ['video', 'youtube'],
  ['file', 'pdf'],
  ['link', 'web'],
] as const;

/** Courses and plans keep what only some items have in `other_fields`, assets beside it (tables/API.md#channel_assets). */
function courseItem(seed: number, index: number, courses: Courses): SentRecord {
  const {id, name, type} = courses.facts(index);
  const die = dice(seed, 'channel-course', index);
  const facts = {type, language: 'english', can_enter: true, can_enter_reason: '', status_id: 'subscribed'};
  return {
    ...item(id, 'my-course', name, `course/${id}/${slug(name)}`),
    duration: String(60 * die.below(120)),
    rating: String(die.below(11) / 2),
    other_fields: facts,
  };
}

function planItem({learning_plan_id: id, title, assigned_courses_count: count}: SentRecord): SentRecord {
  return {
    ...item(Number(id), 'my-lp', String(title), `learning_plan/view/${id}`),
    other_fields: {courses_count: count},
  };
}

function assetItem({id, title, owner, views, is_private, info}: SentRecord): SentRecord {
  const {duration, history} = info as {duration: string; history: {published?: {created_at: string | null}}};
  const {uuid: _, ...person} = owner as SentRecord;
  return {
    ...item(Number(id), 'asset', String(title), `share/asset/view/${id}`),
    duration,
    description: sentence(dice(Number(id), 'channel-asset', 0)),
    owner: {...person, is_expert: Number(id) % 2 === 0},
    publish_date: history.published?.created_at ?? null,
    views,
    is_private,
    language: null,
    is_watched: false,
  };
}

function item(id: number, type_id: string, title: string, uri: string): SentRecord {
  return {id, type_id, title, uri, image_url: '', duration: null, rating: null, is_new: '0', actions: []};
}
