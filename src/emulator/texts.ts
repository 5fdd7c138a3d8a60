import {faker} from '@faker-js/faker/locale/en';
import type {Dice} from './random.js';

const {person, location} = faker.rawDefinitions;
const firstNames = [...(person?.first_name?.generic ?? []), 'Zoë', 'Łukasz', 'Søren', '美咲', 'علي', 'Nguyễn'];
const lastNames = [...(person?.last_name?.generic ?? []), "O'Connor", 'Müller-Özdemir', '佐藤', 'D’Angelo'];
const cities = [...(location?.city_name ?? []), 'São Paulo', 'Zürich', '東京'];

export function firstName(die: Dice): string {
  return die.pick(firstNames);
}

export function lastName(die: Dice): string {
  return die.pick(lastNames);
}

export function city(die: Dice): string {
  return die.pick(cities);
}

const subjects = [
  'Safety at Work',
  'Data Protection',
  'Product Launch',
  'Leadership',
  'Fire Drill',
  'Sales Excellence',
  'Cyber Security',
  'Customer Care',
  'Onboarding',
  'Code of Conduct',
  'First Aid',
  'Presenting Well',
];
const kinds = ['Basics', 'Advanced', 'Refresher', 'Workshop', 'for Managers', 'Certification', '2025', '– Teil 2'];
/** What authors put into titles: emoji, right-to-left text, quotes, commas, entities, line breaks. */
const oddities = [
  '🚀',
  '日本語版',
  'العربية',
  '"quoted", twice',
  "it's",
  '&amp; more',
  'line\nbreak',
  'tab\there',
  '😀👩‍🚀',
];

export function title(die: Dice): string {
  const plain = `${die.pick(subjects)} ${die.pick(kinds)}`;
  return die.chance(0.12) ? `${plain} ${die.pick(oddities)}` : plain;
}

const sentences = [
  'Learn what matters and nothing else.',
  'A <strong>short</strong> course.',
  'Für alle Mitarbeiter &ndash; verpflichtend.',
  'Ends with a test.\nGood luck! 🎓',
  '学ぶことは楽しい。',
  'See <a href="https://example.com/?a=1&b=2">the handbook</a>.',
];

export function html(die: Dice): string {
  if (die.chance(0.1)) return '';
  return `<p>${die.pick(sentences)}</p>${die.chance(0.5) ? `\r\n<p>${die.pick(sentences)}</p>` : ''}`;
}

export function sentence(die: Dice): string {
  return die.pick(sentences);
}

export function slug(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
}
