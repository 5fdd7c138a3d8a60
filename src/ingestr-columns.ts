/**
 * Columns of ingestr that are called otherwise here, by our table: where to find what they hold, or null if no key is known that would
 * fill them. Columns with one name in both are left out. ingestr takes over what Docebo sends, and names further columns in
 * `pkg/source/docebo/docebo_resources.go` (bruin-data/ingestr at 2b4a418).
 */
export const ingestrColumns: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  user_fields: {name: 'title', ...none('show_on_detail', 'show_in_filter', 'ref_area', 'is_valid')},
  branches: {
    id_org: 'id',
    id_parent: 'parent_id',
    lft: 'i_left',
    rgt: 'i_right',
    translation: 'title',
    ...none('external_id'),
  },
  groups: {
    last_update: 'updated_at',
    ...none('language', 'id_branch', 'enrollment_rules', 'enrollment_rules_options', 'member_fields', 'is_default'),
    ...none('creation_date'),
  },
  group_members: {
    first_name: 'users.first_name',
    last_name: 'users.last_name',
    email: 'users.email',
    level: 'users.level',
    ...none('enrollment_date'),
  },
  course_fields: {
    field_id: 'id',
    name_field: 'name',
    type_field: 'type',
    is_mandatory: 'mandatory',
    ...none('show_on_course_details', 'show_on_course_filter', 'options', 'sequence'),
  },
  categories: {
    id_cat: 'id',
    lft: 'i_left',
    rgt: 'i_right',
    translations: 'title',
    ...none('description', 'id_parent', 'is_active'),
  },
  course_learning_objects: {
    lo_name: 'title',
    lo_type: 'object_type',
    ...none('object_id', 'lo_code', 'lo_visibility', 'lo_link', 'lo_thumbnail', 'lo_external_source_url'),
    ...none('mobile_compatibility', 'created_by', 'creation_date', 'duration'),
  },
  course_enrollments: {
    status: 'enrollment_status',
    level: 'enrollment_level',
    enrollment_date: 'enrollment_created_at',
    active_from: 'enrollment_validity_begin_date',
    active_until: 'enrollment_validity_end_date',
    completion_date: 'enrollment_completion_date',
    score_given: 'enrollment_score',
    total_time: 'enrollment_time_spent',
    ...none('score_total', 'credits', 'expire_date', 'certificate_id'),
  },
  sessions: {
    max_participants: 'max_enroll',
    enrolled_users: 'enrolled',
    waiting_users: 'waiting',
    ...none('instructor', 'classroom', 'session_type', 'timezone'),
  },
  certifications: none(
    ...['type', 'validity_type', 'validity_days', 'renewal_available', 'renewal_days_before'],
    ...['meta_language', 'meta_language_label', 'created_on', 'updated_on'],
  ),
  external_training: {
    external_training_id: 'training_id',
    title: 'course_name',
    provider: 'training_institute',
    date_from: 'from_date',
    date_to: 'to_date',
    ...none('description', 'training_type', 'credits', 'status', 'certificate_file', 'created_on', 'updated_on'),
  },
  learning_plan_enrollments: {
    id_path: 'learning_plan_id',
    id_user: 'user_id',
    enrollment_date: 'enrollment_created_at',
    completion_date: 'enrollment_completion_date',
    total_time: 'enrollment_time_spent',
    ...none('score_given', 'total_credits', 'completed_courses', 'total_courses'),
  },
  learning_plan_course_enrollments: {
    enrollment_date: 'enrollment_created_at',
    completion_date: 'enrollment_completion_date',
    status: 'enrollment_status',
    score: 'enrollment_score',
    ...none('credits', 'total_time'),
  },
  survey_answers: {
    poll_title: 'polls.title',
    question_type: 'type_quest',
    question_title: 'title_quest',
  },
};

function none(...columns: readonly string[]): Readonly<Record<string, null>> {
  return Object.fromEntries(columns.map(column => [column, null]));
}

/** The table of README.md: a row for each of our tables. */
export function describeIngestrColumns(): string {
  const rows = Object.entries(ingestrColumns).map(([table, columns]) => {
    const pairs = Object.entries(columns);
    const renamed = pairs.flatMap(([theirs, ours]) => (ours === null ? [] : [`\`${theirs}\` → \`${ours}\``]));
    const unfilled = pairs.flatMap(([theirs, ours]) => (ours === null ? [`\`${theirs}\``] : []));
    return `| \`${table}\` | ${renamed.join('<br>')} | ${unfilled.join(', ')} |`;
  });
  return ['| Table | ingestr’s column → ours | Nowhere |', '|---|---|---|', ...rows].join('\n');
}
