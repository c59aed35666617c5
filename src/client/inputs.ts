// Not `{ z }`: of a namespace, bundlers keep only what is used.
import * as z from 'zod';
import {
  attendanceStatus,
  auditLogsSeverity,
  bookingRequirementsKind,
  bookingRequirementsPriority,
  bookingsStatus,
  configurationTemplatesTemplateType,
  customersCustomerType,
  type Database,
  membersStatus,
  orderItemsStatus,
  ordersStatus,
  organizationsStatus,
  organizationsTier,
  paymentEventOutcome,
  paymentsMethod,
  userPlantAccessAccessLevel,
  userProfilesPlatformRole,
} from './database.types.ts';

/** The SQL functions of the API, as the generated types know them. */
export type Functions = Database['public']['Functions'];

/** The name of one of them. The access token hook is the auth server's alone. */
export type FunctionName = Exclude<keyof Functions, 'custom_access_token_hook'>;

const id = z.guid('It is a user id.');
const queue = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'It is the name of a queue.');
const messageId = z.int('It is a message id.').positive('It is a message id.');
const organizationId = z.string().regex(/^[A-Z0-9]{8,9}$/, 'It is an organization id.');
const slug = z
  .string()
  .regex(
    /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/,
    'It is 1 to 63 lower case letters, digits and hyphens, without a hyphen at an end.',
  );
const name = z.string().trim().min(1).max(200);
const reason = z.string().trim().min(1, 'This takes a reason.').max(1000);
const roleCode = z.string().regex(/^[a-z][a-z0-9_]{0,49}$/, 'It is the code of a role.');
const permissionCode = z.string().regex(/^[a-z][a-z_]*\.[a-z][a-z_]*$/, 'It is module.action.');
const permissions = z
  .array(z.string().regex(/^[a-z][a-z_]*\.([a-z][a-z_]*|\*)$/, 'It is module.action, or module.*.'))
  .max(500);
const positive = z.int().min(1).max(2_147_483_647);
const page = { page: z.int().min(1).optional(), per_page: z.int().min(1).max(100).optional() };
const date = z.iso.date('It is a day in ISO 8601, such as 2026-01-31.');
const instant = z.iso.datetime({
  offset: true,
  error: 'It is a moment in ISO 8601 with its offset.',
});
const longText = z.string().max(5000);
const address = z.record(z.string(), z.json());
const selections = z.record(
  z.string(),
  z.union(
    [z.string().max(1000), z.number(), z.boolean(), z.null()],
    'It is a text, a number, true or false.',
  ),
);
const quantity = z.number().positive().max(1_000_000);
const percentage = z.number().min(0).max(100);
const amount = z.number().min(0).max(1e10);
const contact = z.strictObject({
  email: z.email('It is an e-mail address.').max(320).optional(),
  name: name.optional(),
  phone: z.string().trim().min(1).max(50).optional(),
  company: name.optional(),
});
const participant = z.strictObject({
  name,
  email: z.email('It is an e-mail address.').max(320).optional(),
  is_primary: z.boolean().optional(),
  date_of_birth: date.optional(),
  requirements: z
    .array(
      z.strictObject({
        kind: z.enum(bookingRequirementsKind),
        note: z.string().trim().min(1).max(2000),
        priority: z.enum(bookingRequirementsPriority).optional(),
      }),
    )
    .max(20)
    .optional(),
});
const places = z.int().min(1).max(100);
const idempotencyKey = z.string().min(1).max(255);
const provided = z.string().min(1).max(255);
const nothing = z.strictObject({}).optional();

/**
 * What each function takes. A function that is added to the database and not here does not compile.
 */
export const inputs = {
  accept_invitation: z.strictObject({ token: z.string().min(1).max(1000) }),
  accept_quote: z.strictObject({ id }),
  admin_list_customers: z
    .strictObject({
      search: z.string().max(200).optional(),
      customer_type: z.enum(customersCustomerType).optional(),
      has_bookings: z.boolean().optional(),
      ...page,
    })
    .optional(),
  apply_template: z.strictObject({
    template_id: id,
    name,
    customer_id: id.optional(),
    is_quick_quote: z.boolean().optional(),
  }),
  approve_member: z.strictObject({ user_id: id }),
  approve_refund: z.strictObject({ id }),
  attach_payment_intent: z.strictObject({
    organization_id: organizationId,
    payment_id: id,
    provider_intent_id: provided,
  }),
  attendance_sheet: z.strictObject({ session_id: id }),
  backfill_booking_customers: z
    .strictObject({ batch_size: z.int().min(1).max(100_000).optional(), dry_run: z.boolean().optional() })
    .optional(),
  booking_details: z.strictObject({ id }),
  booking_document: z.strictObject({ organization_id: organizationId, booking_id: id }),
  booking_price: z.strictObject({
    session_id: id,
    places,
    discount_code: z.string().max(100).optional(),
  }),
  cancel_booking: z.strictObject({ id, reason: reason.optional() }),
  cancel_organization: z.strictObject({ id: organizationId, reason }),
  cancel_session: z.strictObject({ id, reason }),
  change_order_item_status: z.strictObject({ id, status: z.enum(orderItemsStatus) }),
  change_order_status: z.strictObject({
    id,
    status: z.enum(ordersStatus),
    reason: z.string().trim().min(1).max(1000).optional(),
  }),
  check_permission: z.strictObject({ code: permissionCode, plant_id: id.optional() }),
  check_request: nothing,
  check_user_integrity: nothing,
  claim_jobs: z.strictObject({
    queue,
    quantity: z.int().min(1).max(1000).optional(),
    visibility_seconds: z.int().min(1).max(43_200).optional(),
  }),
  clone_session: z.strictObject({ id, starts_at: instant, with_instructor: z.boolean().optional() }),
  complete_jobs: z.strictObject({ queue, message_ids: z.array(messageId) }),
  complete_refund: z.strictObject({ id }),
  complete_session: z.strictObject({ id }),
  confirm_booking: z.strictObject({ id }),
  create_booking: z.strictObject({
    session_id: id,
    contact,
    participants: z.array(participant).min(1, 'A booking is for one participant or more.').max(100),
    discount_code: z.string().max(100).optional(),
    idempotency_key: idempotencyKey.optional(),
    expected_total: amount.optional(),
    terms_accepted: z.boolean().optional(),
    notes: longText.optional(),
  }),
  create_invitation: z.strictObject({
    id,
    email: z.email('It is an e-mail address.').max(320),
    token_hash: z.string().regex(/^[0-9a-f]{64}$/, 'It is a SHA-256 in hexadecimal.'),
    role_codes: z.array(roleCode).max(20).optional(),
    plant_id: id.optional(),
  }),
  create_order: z.strictObject({
    quote_id: id,
    required_date: date.optional(),
    delivery_address: address.optional(),
    notes: longText.optional(),
  }),
  create_organization: z.strictObject({
    name,
    slug,
    owner_id: id.optional(),
    id: organizationId.optional(),
    tier: z.enum(organizationsTier).optional(),
    timezone: z.string().max(100).optional(),
    max_users: positive.optional(),
  }),
  create_payment: z.strictObject({ booking_id: id, idempotency_key: idempotencyKey.optional() }),
  create_quote: z.strictObject({
    configuration_ids: z.array(id).min(1, 'A quote is of one configuration or more.').max(200),
    quantities: z.array(quantity).max(200).optional(),
    tax_rate: percentage.optional(),
    discount: amount.optional(),
    valid_until: date.optional(),
    notes: longText.optional(),
  }),
  create_recurring_sessions: z.strictObject({
    course_id: id,
    first_starts_at: instant,
    frequency: z.enum(['daily', 'weekly', 'biweekly', 'monthly']),
    occurrences: z.int().min(1).max(104),
    venue_id: id.optional(),
    room: z.string().max(100).optional(),
    instructor_id: id.optional(),
    capacity: z.int().min(1).max(10_000).optional(),
    price: z.number().min(0).max(1e9).optional(),
  }),
  create_role: z.strictObject({
    code: roleCode,
    name,
    description: z.string().max(1000).optional(),
    permissions: permissions.optional(),
  }),
  create_template: z.strictObject({
    configuration_id: id,
    name,
    template_type: z.enum(configurationTemplatesTemplateType).optional(),
    is_public: z.boolean().optional(),
  }),
  customer_details: z.strictObject({ id }),
  dead_letters: z.strictObject({ queue }),
  deactivate_user: z.strictObject({
    id,
    reason: z.string().trim().min(1, 'Deactivating a user takes a reason.').max(1000),
  }),
  delete_configuration: z.strictObject({ id }),
  delete_customer: z.strictObject({ id }),
  delete_role: z.strictObject({ code: roleCode }),
  delete_user: z.strictObject({ id }),
  entry_preview: z.strictObject({ manufacturing_type_id: id, selections }),
  entry_schema: z.strictObject({ manufacturing_type_id: id }),
  explain_customer_access: z.strictObject({ user_id: id, customer_id: id }),
  export_bookings: z
    .strictObject({
      starts_from: instant.optional(),
      starts_before: instant.optional(),
      after: id.optional(),
      amount: z.int().min(1).max(10_000).optional(),
    })
    .optional(),
  fail_job: z.strictObject({
    queue,
    message_id: messageId,
    error: z.string(),
    is_final: z.boolean().optional(),
    attempt: z.int().positive().optional(),
  }),
  find_or_create_customer: z.strictObject({
    email: z.email('It is an e-mail address.').max(320),
    name: name.optional(),
    phone: z.string().trim().min(1).max(50).optional(),
    company: name.optional(),
  }),
  finish_refund: z.strictObject({
    organization_id: organizationId,
    refund_id: id,
    results: z.array(
      z.strictObject({
        payment_id: id,
        status: z.enum(['succeeded', 'failed', 'pending']).optional(),
        provider_refund_id: provided.optional(),
        failure: z.string().max(1000).optional(),
      }),
    ),
  }),
  get_or_create_customer: nothing,
  get_user: z.strictObject({ id }),
  grant_plant_access: z.strictObject({
    user_id: id,
    plant_id: id,
    access_level: z.enum(userPlantAccessAccessLevel).optional(),
  }),
  grant_role: z.strictObject({
    user_id: id,
    role_code: roleCode,
    plant_id: id.optional(),
    department: z.string().trim().min(1).max(100).optional(),
    expires_at: instant.optional(),
  }),
  invitation_to_send: z.strictObject({ organization_id: organizationId, invitation_id: id }),
  invoice_document: z.strictObject({ organization_id: organizationId, invoice_id: id }),
  is_organization_id: z.strictObject({ candidate: z.string() }),
  is_superadmin: nothing,
  jobs_overview: nothing,
  join_organization: z.strictObject({ slug }),
  join_waitlist: z.strictObject({
    session_id: id,
    contact: contact.optional(),
    attendee_count: places.optional(),
  }),
  leave_waitlist: z.strictObject({ id }),
  list_bookings: z
    .strictObject({
      query: z.string().max(200).optional(),
      status: z.enum(bookingsStatus).optional(),
      session_id: id.optional(),
      customer_id: id.optional(),
      starts_from: instant.optional(),
      starts_before: instant.optional(),
      ...page,
    })
    .optional(),
  list_members: z
    .strictObject({
      search: z.string().max(200).optional(),
      status: z.enum(membersStatus).optional(),
      ...page,
    })
    .optional(),
  list_organizations: z
    .strictObject({
      search: z.string().max(200).optional(),
      status: z.enum(organizationsStatus).optional(),
      ...page,
    })
    .optional(),
  list_users: z
    .strictObject({
      search: z.string().max(200).optional(),
      status: z.enum(['active', 'inactive', 'missing']).optional(),
      role: z.enum(userProfilesPlatformRole).optional(),
      ...page,
    })
    .optional(),
  merge_customers: z.strictObject({ keep: id, remove: id }),
  my_organizations: nothing,
  my_permissions: nothing,
  organization_usage: nothing,
  payment_events: z.strictObject({ outcome: z.enum(paymentEventOutcome).optional(), ...page }).optional(),
  publish_session: z.strictObject({ id }),
  purge_organization: z.strictObject({ id: organizationId, confirm_name: z.string() }),
  reactivate_member: z.strictObject({ user_id: id }),
  reactivate_organization: z.strictObject({ id: organizationId }),
  reactivate_user: z.strictObject({ id }),
  recalculate_customer_statistics: z
    .strictObject({ customer_id: id.optional(), dry_run: z.boolean().optional() })
    .optional(),
  record_attendance: z.strictObject({
    session_id: id,
    entries: z
      .array(
        z.strictObject({
          attendee_id: id,
          status: z.enum(attendanceStatus),
          note: z.string().max(1000).optional(),
        }),
      )
      .min(1)
      .max(10_000),
  }),
  record_payment: z.strictObject({
    booking_id: id,
    amount: z.number().positive().max(1e10),
    method: z.enum(paymentsMethod).optional(),
    note: z.string().max(1000).optional(),
    idempotency_key: idempotencyKey.optional(),
  }),
  record_payment_event: z.strictObject({
    provider: z.enum(['stripe']),
    event_id: provided,
    event_type: provided,
    occurred_at: instant,
    payload: z.record(z.string(), z.json()),
    change: z.record(z.string(), z.json()).optional(),
  }),
  refund_to_process: z.strictObject({
    message_id: messageId,
    organization_id: organizationId,
    refund_id: id,
  }),
  record_security_event: z.strictObject({
    event: z.string().max(100),
    severity: z.enum(auditLogsSeverity),
    actor_id: id.optional(),
    organization_id: organizationId.optional(),
    details: z.record(z.string(), z.json()).optional(),
  }),
  reject_member: z.strictObject({ user_id: id }),
  reject_quote: z.strictObject({ id, reason: z.string().trim().min(1).max(1000).optional() }),
  reject_refund: z.strictObject({ id, reason: reason.optional() }),
  remove_member: z.strictObject({ user_id: id }),
  reopen_configuration: z.strictObject({ id }),
  replay_dead_letters: z.strictObject({ queue, message_ids: z.array(messageId).optional() }),
  request_refund: z.strictObject({
    booking_id: id,
    reason: reason.optional(),
    amount: z.number().positive().max(1e10).optional(),
  }),
  resend_confirmation: z.strictObject({ booking_id: id }),
  retry_payment_event: z.strictObject({ provider: z.string().min(1).max(100), event_id: provided }),
  revoke_invitation: z.strictObject({ id }),
  revoke_plant_access: z.strictObject({ user_id: id, plant_id: id }),
  revoke_role: z.strictObject({ id }),
  run_user_sync_job: z.strictObject({ message_id: messageId }),
  save_configuration: z.strictObject({ id }),
  save_entry: z.strictObject({ manufacturing_type_id: id, name, selections, customer_id: id.optional() }),
  search_customers: z
    .strictObject({
      query: z.string().max(200).optional(),
      type: z.enum(customersCustomerType).optional(),
      has_bookings: z.boolean().optional(),
      ...page,
    })
    .optional(),
  send_invoice: z.strictObject({ id }),
  send_quote: z.strictObject({ id }),
  session_calendar: z.strictObject({
    starts_from: instant,
    starts_before: instant,
    course_id: id.optional(),
    venue_id: id.optional(),
    instructor_id: id.optional(),
  }),
  suspend_member: z.strictObject({ user_id: id }),
  suspend_organization: z.strictObject({ id: organizationId, reason }),
  switch_organization: z.strictObject({ id: organizationId }),
  sync_user_profiles: z.strictObject({ dry_run: z.boolean().optional() }).optional(),
  update_entry: z.strictObject({ configuration_id: id, selections, name: name.optional() }),
  update_organization: z.strictObject({
    id: organizationId,
    name: name.optional(),
    slug: slug.optional(),
    tier: z.enum(organizationsTier).optional(),
    timezone: z.string().max(100).optional(),
    max_users: positive.optional(),
    max_properties: z.int().min(0).max(2_147_483_647).optional(),
    features: z.record(z.string(), z.boolean()).optional(),
  }),
  update_platform_settings: z.strictObject({ allow_organization_sign_up: z.boolean() }),
  update_quote: z.strictObject({
    id,
    quantities: z.array(quantity).max(200).optional(),
    tax_rate: percentage.optional(),
    discount: amount.optional(),
    valid_until: date.optional(),
    notes: longText.optional(),
  }),
  update_role: z.strictObject({
    code: roleCode,
    name: name.optional(),
    description: z.string().max(1000).optional(),
    permissions: permissions.optional(),
  }),
  update_user: z.strictObject({
    id,
    display_name: z.string().trim().min(1).max(200).optional(),
    platform_role: z.enum(userProfilesPlatformRole).optional(),
    preferences: z.record(z.string(), z.json()).optional(),
  }),
  void_invoice: z.strictObject({ id }),
  waitlist_offer_to_send: z.strictObject({ organization_id: organizationId, entry_id: id }),
  waiting_queues: nothing,
} satisfies Record<FunctionName, z.ZodType>;

/** What a caller may hand to a function. */
export type FunctionInput<Name extends FunctionName> = z.input<(typeof inputs)[Name]>;

/** What the edge functions take. Not `payment-webhook`: it is called by a payment provider alone. */
export const edgeInputs = {
  'accept-invitation': z.strictObject({
    token: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'It is the token of the link in the mail.'),
  }),
  'booking-calendar': z.strictObject({ id: z.guid('It is the id of a booking.') }),
  'create-payment': z.strictObject({
    booking_id: z.guid('It is the id of a booking.'),
    idempotency_key: z.string().min(1).max(255).optional(),
  }),
  'export-bookings': z
    .strictObject({ starts_from: instant.optional(), starts_before: instant.optional() })
    .optional(),
  health: nothing,
  'invite-member': z.strictObject({
    email: z.email('It is an e-mail address.').max(320),
    role_codes: z.array(z.string().min(1).max(100)).max(20).optional(),
    plant_id: z.guid('It is the id of a plant.').optional(),
  }),
  'invite-user': z.strictObject({
    email: z.email('It is an e-mail address.').max(320),
    redirect_to: z.url().optional(),
    full_name: z.string().trim().min(1).max(200).optional(),
  }),
  worker: z.strictObject({ queue: queue.optional() }).optional(),
};

/** The name of an edge function. */
export type EdgeFunctionName = keyof typeof edgeInputs;

const joined = z.object({ organization_id: z.string(), organization_name: z.string() });
const begunPayment = z.object({
  payment_id: z.guid(),
  /** For the provider's form that takes the money. */
  client_secret: z.string(),
  amount: z.number(),
  currency: z.string(),
});
const invitedMember = z.object({ invitation_id: z.guid(), email: z.string(), expires_at: z.string() });
const invited = z.object({
  user_id: z.guid(),
  email: z.string(),
  action_link: z.url(),
});
const worked = z.object({
  queues: z.array(z.string()),
  done: z.int(),
  failed: z.int(),
  dead: z.int(),
});

const examined = z.object({
  status: z.enum(['ok', 'degraded']),
  /** For superadmins and the secret key alone, as `problems` is. */
  queues: z
    .array(
      z.looseObject({
        queue: z.string(),
        waiting: z.number(),
        failing: z.number(),
        dead_letters: z.number(),
        oldest_waiting_seconds: z.number(),
        last_error: z.string().nullable(),
      }),
    )
    .optional(),
  problems: z
    .array(z.looseObject({ problem: z.string(), object: z.string(), detail: z.string(), remedy: z.string() }))
    .optional(),
});

/** What they answer. */
export const edgeOutputs = {
  'accept-invitation': joined,
  /** The calendar file. */
  'booking-calendar': z.string(),
  'create-payment': begunPayment,
  /** The file, as CSV. */
  'export-bookings': z.string(),
  health: examined,
  'invite-member': invitedMember,
  'invite-user': invited,
  worker: worked,
} satisfies Record<EdgeFunctionName, z.ZodType>;
