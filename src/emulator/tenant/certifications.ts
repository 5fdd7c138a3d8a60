import {type List, lazyList} from '../list.js';
import {dice} from '../random.js';
import {html, title} from '../texts.js';

export function certificationId(index: number): number {
  return 3 + index * 2;
}

/** Types as in tables/API.md#certifications; a duration of "0" never expires. */
export function createCertifications(seed: number, users: number): List {
  return lazyList(Math.min(260, Math.max(4, Math.round(users / 80))), index => {
    const die = dice(seed, 'certification', index);
    return {
      id_cert: certificationId(index),
      title: title(die),
      description: html(die),
      duration: String(die.below(4)),
      duration_unit: die.pick(['day', 'month', 'year']),
      allow_same_item: die.chance(0.5) ? '1' : '0',
      code: die.chance(0.3) ? '' : `CERT-${index}`,
    };
  });
}
