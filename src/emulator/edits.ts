import type {Edits} from './order.js';
import type {Tenant} from './tenant/tenant.js';

/** The list of a table that can be edited while it is read. */
export function findEdits(tenant: Tenant, table: string, courseId?: number): Edits {
  if (courseId !== undefined && table === 'course_enrollments') {
    const course = tenant.courses.ids.index(courseId);
    if (course === undefined) throw new RangeError(`There is no course ${courseId}.`);
    return tenant.enrolments.orderIn(course);
  }
  switch (table) {
    case 'users':
      return tenant.users.order;
    case 'courses':
      return tenant.courses.order;
    case 'course_enrollments':
      return tenant.enrolments.order;
    default:
      throw new RangeError(`${table} cannot be edited; users, courses and course_enrollments can.`);
  }
}

export function watchEdits(edits: Edits, onEdit: () => void): Edits {
  return {
    insert(position) {
      edits.insert(position);
      onEdit();
    },
    remove(position) {
      edits.remove(position);
      onEdit();
    },
    move(from, to) {
      edits.move(from, to);
      onEdit();
    },
    touch(position) {
      edits.touch(position);
      onEdit();
    },
  };
}
