import {type List, listOf} from '../list.js';
import {dice} from '../random.js';
import {title} from '../texts.js';
import type {Courses} from './courses.js';

export interface LearningObjects {
  of(course: number): List;
}

const types = ['scormorg', 'item', 'video', 'tincan', 'file', 'htmlpage', 'test', 'authoring', 'deliverable'] as const;

export function hasPoll(course: number): boolean {
  return course % 5 === 1 || course === 0;
}

export function pollId(course: number): number {
  return 5000 + course;
}

/** Some courses have no objects. A poll is the last object of its course. */
export function createLearningObjects(seed: number, courses: Courses): LearningObjects {
  return {
    of(course) {
      const die = dice(seed, 'learning-objects', course);
      const count = course % 7 === 5 ? 0 : 1 + die.below(9);
      const kinds: string[] = Array.from({length: count}, () => die.pick(types));
      if (hasPoll(course)) kinds.push('poll');
      const {touches} = courses.order.marks.of(course);
      const first = courses.ids.id(course) * 100;
      return listOf(
        kinds.map((kind, place) => ({
          id_org: first + place,
          id_resource: kind === 'poll' ? pollId(course) : 90_000 + first + place,
          id_parent: 0,
          item_id: die.chance(0.1) ? null : first + place,
          title: place === 0 && touches > 0 ? `${title(die)} ${touches + 1}` : title(die),
          status: die.chance(0.7) ? 'completed' : '',
          object_type: kind,
        })),
      );
    },
  };
}
