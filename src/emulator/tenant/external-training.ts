import {dateText, laterMoment, oddDateText, someMoment} from '../dates.js';
import {type List, lazyList} from '../list.js';
import {dice, uuid} from '../random.js';
import {city, title} from '../texts.js';
import {certificationId} from './certifications.js';
import type {Users} from './users.js';

/** Names as in tables/API.md#external_training; the exact spelling is unknown. */
export function createExternalTraining(seed: number, users: Users, certifications: number): List {
  return lazyList(Math.ceil(users.count / 9), index => {
    const die = dice(seed, 'external-training', index);
    const from = someMoment(die);
    const name = title(die);
    return {
      training_id: 700 + index * 2,
      user_id: users.ids.id(die.below(users.count)),
      course_code: die.chance(0.5) ? '' : `EXT-${index}`,
      course_name: name,
      from_date: oddDateText(die, from),
      to_date: die.chance(0.2) ? '' : dateText(laterMoment(die, from, 10)),
      score: die.chance(0.3) ? '' : String(die.below(101)),
      ceus: die.chance(0.5) ? null : '1.50',
      training_institute: `${city(die)} Institute`,
      training_institute_code: '',
      certification: die.chance(0.6) ? null : certificationId(die.below(certifications)),
      uuid: uuid(die),
      additional_fields: [{id: 2, title: 'Provider', type: 'textfield', value: null}],
    };
  });
}
