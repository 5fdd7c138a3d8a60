import type {Edits} from './order.js';
import type {Tenant} from './tenant/tenant.js';

/** The list of a table that can be edited while it is read. */
export function findEdits(tenant: Tenant, table: string, courseId?: number): Edits {
  if (courseId !== undefined && table === 'course_enrollments') {
    const course = tenant.courses.ids.index(courseId);
    if (course === undefined) throw new RangeError(`There is no course ${courseId}.`);
    return tenant.enrolmentEdits.of(course);
  }
  switch (table) {
    case 'users':
      return tenant.users.order;
    case 'courses':
      return tenant.courses.order;
    case 'course_enrollments':
      return tenant.enrolmentEdits.of();
    default:
      throw new RangeError(`${table} cannot be edited; users, courses and course_enrollments can.`);
  }
}

/** The edit, after which `onEdit` is called. */
export function watch<Given extends unknown[], Result>(
  edit: (...given: Given) => Result,
  onEdit: () => void,
): (...given: Given) => Result {
  return (...given) => {
    const result = edit(...given);
    onEdit();
    return result;
  };
}

export function watchEdits(edits: Edits, onEdit: () => void): Edits {
  return {
    insert: watch((position, change) => edits.insert(position, change), onEdit),
    remove: watch(position => edits.remove(position), onEdit),
    move: watch((from, to) => edits.move(from, to), onEdit),
    touch: watch((position, change) => edits.touch(position, change), onEdit),
  };
}
