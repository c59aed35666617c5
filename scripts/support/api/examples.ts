import { createHash } from 'node:crypto';
import * as z from 'zod';
import { inputs } from '../../../src/client/inputs.ts';

/** What an argument may be, as far as the client's schema says. */
interface Rules {
  type?: string;
  format?: string;
  pattern?: string;
  enum?: unknown[];
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  items?: Rules;
}

interface ObjectRules {
  properties?: Record<string, Rules>;
  required?: string[];
}

/** Values that read well, by the name of the argument; where two functions differ, `function.argument` comes first. */
const values: Record<string, unknown> = {
  'export_bookings.amount': 1000,
  'record_payment.amount': 120,
  attendee_count: 2,
  batch_size: 1000,
  candidate: 'ACME23456',
  change: {
    kind: 'payment',
    status: 'succeeded',
    intent_id: 'pi_3PqExample',
    amount: 240,
    currency: 'EUR',
  },
  code: 'estimator',
  'check_permission.code': 'plants.manage',
  company: 'Harbour Bakery',
  configuration_ids: [uuid('configuration')],
  confirm_name: 'Acme Windows',
  contact: { email: 'ida@example.com', name: 'Ida Moser', company: 'Harbour Bakery' },
  delivery_address: { street: 'Harbour Street 4', postal_code: '4020', city: 'Linz', country: 'AT' },
  department: 'Assembly',
  description: 'Prepares quotes.',
  details: { attempts: 3 },
  discount: 50,
  discount_code: 'SPRING27',
  display_name: 'Ada Lovelace',
  email: 'ada@example.com',
  entries: [{ attendee_id: uuid('attendee'), status: 'present' }],
  error: 'The mail server did not answer.',
  event: 'portal.wrong_link',
  event_id: 'evt_1PqExample',
  event_type: 'payment_intent.succeeded',
  expected_total: 240,
  expires_at: '2027-01-31T23:00:00Z',
  features: { portal: true },
  first_starts_at: '2027-02-01T08:00:00Z',
  frequency: 'weekly',
  id: 'ACME23456',
  idempotency_key: '6b0f3c1e-1d52-4d0a-9a57-1a5c0f0f3b7e',
  is_public: true,
  message_id: 42,
  message_ids: [42, 43],
  'record_payment.method': 'bank_transfer',
  name: 'Kitchen window',
  'create_organization.name': 'Acme Windows',
  'create_role.name': 'Estimator',
  'create_template.name': 'Oak, two wings',
  'find_or_create_customer.name': 'Ada Lovelace',
  notes: 'Delivery by the yard.',
  'create_booking.notes': 'By the side entrance.',
  occurrences: 8,
  organization_id: 'ACME23456',
  'payment_events.outcome': 'failed',
  page: 1,
  participants: [
    { name: 'Ida Moser', is_primary: true },
    { name: 'Jonas Moser', requirements: [{ kind: 'dietary', note: 'No nuts.' }] },
  ],
  payload: { id: 'evt_1PqExample', type: 'payment_intent.succeeded' },
  per_page: 20,
  permissions: ['customers.read', 'sales.write'],
  phone: '+43 660 1234567',
  preferences: { language: 'de' },
  provider: 'stripe',
  provider_intent_id: 'pi_3PqExample',
  quantities: [2],
  quantity: 10,
  query: 'bakery',
  queue: 'notifications',
  reason: 'The contract has ended.',
  'cancel_booking.reason': 'I am ill.',
  'cancel_session.reason': 'The instructor is ill.',
  'reject_refund.reason': 'It is too late.',
  'request_refund.reason': 'I am ill.',
  required_date: '2027-02-15',
  results: [{ payment_id: uuid('payment'), provider_refund_id: 're_3PqExample' }],
  role_code: 'salesman',
  role_codes: ['salesman'],
  room: 'Hall 2',
  search: 'ada',
  selections: { width: 1200, height: 1400, frame: 'oak', is_tilting: true },
  severity: 'warning',
  slug: 'acme-windows',
  starts_at: '2027-02-08T08:00:00Z',
  starts_before: '2027-03-01T00:00:00Z',
  starts_from: '2027-02-01T00:00:00Z',
  'change_order_item_status.status': 'in_production',
  'change_order_status.status': 'production',
  'list_bookings.status': 'confirmed',
  tax_rate: 20,
  terms_accepted: true,
  timezone: 'Europe/Vienna',
  token: 'dGhpcyBpcyBub3QgYSB0b2tlbiBvZiBhbnlib2R5ISE',
  token_hash: createHash('sha256').update('example').digest('hex'),
  valid_until: '2026-12-31',
};

/** Arguments that may be left out and belong into the example all the same. */
const shown: Record<string, string[]> = {
  admin_list_customers: ['search', 'has_bookings'],
  apply_template: ['customer_id'],
  backfill_booking_customers: ['batch_size', 'dry_run'],
  booking_price: ['discount_code'],
  cancel_booking: ['reason'],
  create_booking: ['discount_code', 'idempotency_key', 'expected_total', 'terms_accepted'],
  create_invitation: ['role_codes'],
  create_order: ['required_date', 'delivery_address'],
  create_payment: ['idempotency_key'],
  create_quote: ['quantities', 'tax_rate', 'valid_until'],
  create_recurring_sessions: ['venue_id', 'room', 'instructor_id'],
  create_role: ['description', 'permissions'],
  export_bookings: ['starts_from', 'amount'],
  find_or_create_customer: ['email', 'name', 'company'],
  grant_role: ['expires_at'],
  join_waitlist: ['contact', 'attendee_count'],
  list_bookings: ['status', 'starts_from', 'per_page'],
  record_payment: ['method', 'idempotency_key'],
  record_payment_event: ['change'],
  reject_refund: ['reason'],
  request_refund: ['reason'],
  search_customers: ['query', 'per_page'],
  update_organization: ['max_users'],
  update_quote: ['discount', 'notes'],
  update_role: ['permissions'],
  update_user: ['display_name'],
};

/**
 * An input of a function of the API, made of the client's schema: what must be given, and something when nothing must.
 *
 * @param name the function
 * @returns the input; undefined for a function that takes nothing
 * @throws {Error} when the client does not know the function, or no value is found that its schema takes
 */
export function exampleInput(name: string): Record<string, unknown> | undefined {
  const schema = schemaOf(name);
  if (!schema) throw new Error(`${name} is not in src/client/inputs.ts.`);
  const { properties = {}, required = [] } = rulesOf(schema);
  const optional = Object.keys(properties).filter((argument) => !required.includes(argument));
  const chosen = new Set([
    ...required,
    ...(shown[name] ?? (required.length === 0 ? optional.slice(0, 1) : [])),
  ]);
  const input = Object.fromEntries(
    Object.entries(properties)
      .filter(([argument]) => chosen.has(argument))
      .map(([argument, rules]) => [argument, valueOf(name, argument, rules)]),
  );
  const result = schema.safeParse(input);
  if (!result.success)
    throw new Error(
      `No example for ${name}: add one to scripts/support/api/examples.ts. ${result.error.message}`,
    );
  return Object.keys(input).length === 0 ? undefined : input;
}

/** The client's schema of a function, when it knows the function. */
export function schemaOf(name: string): z.ZodType | undefined {
  return (inputs as Record<string, z.ZodType | undefined>)[name];
}

/**
 * What the client's schema asks of each argument, in words.
 *
 * @param name the function
 * @returns `1 to 200 characters`, `one of …`, by the name of the argument; empty where the type says it all
 */
export function argumentRules(name: string): Map<string, string> {
  const schema = schemaOf(name);
  if (!schema) return new Map();
  const entries = Object.entries(rulesOf(schema).properties ?? {});
  return new Map(entries.map(([argument, rules]) => [argument, inWords(rules)]));
}

function rulesOf(schema: z.ZodType): ObjectRules {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as ObjectRules;
}

function valueOf(name: string, argument: string, rules: Rules): unknown {
  const candidates = [values[`${name}.${argument}`], values[argument], generic(argument, rules)];
  return candidates.find((value) => value !== undefined && fits(value, rules));
}

function generic(argument: string, rules: Rules): unknown {
  if (rules.enum) return rules.enum.at(-1);
  if (rules.format === 'uuid') return uuid(argument);
  if (rules.format === 'date') return '2027-01-31';
  if (rules.format === 'date-time') return '2027-01-31T23:00:00Z';
  if (rules.type === 'string') return 'example';
  if (rules.type === 'boolean') return true;
  if (rules.type === 'array') return rules.items ? [generic(argument, rules.items)] : [];
  if (rules.type === 'object') return {};
  return Math.min(Math.max(rules.minimum ?? 1, 1), rules.maximum ?? 1);
}

function fits(value: unknown, rules: Rules): boolean {
  if (rules.enum) return rules.enum.includes(value);
  const type = Array.isArray(value) ? 'array' : typeof value;
  if (rules.type !== undefined && type !== (rules.type === 'integer' ? 'number' : rules.type)) return false;
  if (typeof value !== 'string') return true;
  return rules.pattern === undefined || new RegExp(rules.pattern, 'u').test(value);
}

/** An id that is the same each time. */
function uuid(name: string): string {
  return `01990000-0000-7000-8000-${createHash('sha1').update(name).digest('hex').slice(0, 12)}`;
}

function inWords({ enum: options, items, ...rules }: Rules): string {
  if (options) return `one of ${options.map((option) => `\`${String(option)}\``).join(', ')}`;
  if (rules.type === 'string') {
    if (rules.format !== undefined || rules.pattern !== undefined) return '';
    return range(rules.minLength, rules.maxLength, 'characters');
  }
  if (rules.type === 'array')
    return items?.enum ? inWords({ enum: items.enum }) : range(rules.minItems, rules.maxItems, 'items');
  if (rules.type === 'integer' || rules.type === 'number') {
    const least =
      rules.minimum ?? (rules.exclusiveMinimum === undefined ? undefined : `over ${rules.exclusiveMinimum}`);
    return range(least, rules.maximum, '');
  }
  return '';
}

/** `1 to 200 characters`, `up to 20 items`, `from 1`; the largest number that a type has is no limit. */
function range(least: number | string | undefined, most: number | undefined, what: string): string {
  const limit = most === undefined || most >= 2_147_483_647 ? undefined : most.toLocaleString('en');
  const isFree =
    least === undefined ||
    (least === 0 && what !== '') ||
    (typeof least === 'number' && least < -2_147_483_647);
  const from = isFree ? '' : typeof least === 'number' ? least.toLocaleString('en') : least;
  const text =
    limit === undefined
      ? from && (typeof least === 'number' ? `from ${from}` : from)
      : from
        ? `${from} to ${limit}`
        : `up to ${limit}`;
  return text && what ? `${text} ${what}` : text;
}
