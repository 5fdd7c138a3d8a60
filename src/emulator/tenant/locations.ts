import {type List, lazyList, type SentRecord} from '../list.js';
import {dice, type Ids, spreadIds} from '../random.js';
import {city, sentence} from '../texts.js';

export interface Locations {
  /** `GET /learn/v1/location` */
  readonly list: List;
  readonly ids: Ids;
  readonly count: number;
  /** As in the page of sessions (tables/API.md#sessions). */
  inSession(index: number): SentRecord;
  /** As in the detail of a course, where the members have other names (tables/API.md#session_locations). */
  inCourse(index: number): SentRecord;
}

const countries = [
  [110, 'Italy', 'IT'],
  [75, 'France', 'FR'],
  [40, 'Canada', 'CA'],
] as const;

export function createLocations(seed: number, courseCount: number): Locations {
  const count = Math.max(4, Math.round(courseCount / 20));
  const ids = spreadIds(2, 2, seed, 'location', count);
  const facts = (index: number) => {
    const die = dice(seed, 'location', index);
    const town = city(die);
    return {
      id: ids.id(index),
      name: `${town} training centre`,
      address: `${1 + die.below(200)} Via Roma, ${town}`,
      country: die.pick(countries),
      telephone: die.chance(0.5) ? '' : `+39 06 555 ${1000 + die.below(9000)}`,
      email: index % 3 === 1 ? null : `venue.${index}@example.com`,
      directions: die.chance(0.5) ? '' : sentence(die),
      accommodation: die.chance(0.7) ? '' : sentence(die),
      other: index % 3 === 2 ? null : sentence(die),
      images: die.chance(0.7) ? [] : [{id: index + 1, url: `//cdn.example.com/location/${index}.jpeg`}],
    };
  };
  return {
    count,
    ids,
    list: lazyList(count, index => {
      const {id, name, address, country, telephone, email, directions, accommodation, other, images} = facts(index);
      return {
        id,
        name,
        address,
        country: country[1],
        telephone,
        email,
        directions,
        accommodations: accommodation,
        other_info: other,
        images,
      };
    }),
    inSession(index) {
      const {id, name, address} = facts(index);
      return {id, name, address, count: 1};
    },
    inCourse(index) {
      const {id, name, address, country, telephone, email, directions, accommodation, other} = facts(index);
      const [countryId, countryName, iso] = country;
      return {
        id_location: id,
        name,
        address,
        id_country: countryId,
        name_country: countryName,
        iso_code_country: iso,
        telephone,
        email,
        reaching_info: directions,
        accommodation,
        id_zone: 1 + (index % 4),
        other_info: other,
      };
    },
  };
}
