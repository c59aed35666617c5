import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { useApi } from '../support/api.ts';
import { useDatabase } from '../support/database.ts';
import { useCourses } from './courses.ts';
import { addMember, digest, faceOf, hash, nobody, outcome, useStreet } from './street.ts';
import { useWares } from './wares.ts';

const db = useDatabase();
const api = useApi(db);
const street = useStreet(db, api);
const wares = useWares(db, street);
const courses = useCourses(db, street, wares);

/** What a function is told: something of B, the like of which does not exist, and, as the twin, something of A. */
interface Question {
  theirs: Record<string, unknown>;
  unknown: Record<string, unknown>;
  /** What both are refused with. */
  refusal: string;
}

/**
 * For each function that takes an id, a code or a token: every argument that could name something of another
 * organization, each asked by A's owner.
 */
function questions(): Record<string, Question[]> {
  const { a, b, stranger } = street;
  const users = (rest: object = {}): Question[] => [
    {
      theirs: { user_id: b.viewer.id, ...rest },
      unknown: { user_id: nobody, ...rest },
      refusal: 'PT404 member_not_found',
    },
    {
      theirs: { user_id: stranger.id, ...rest },
      unknown: { user_id: randomUUID(), ...rest },
      refusal: 'PT404 member_not_found',
    },
    {
      theirs: { user_id: b.pending.id, ...rest },
      unknown: { user_id: nobody, ...rest },
      refusal: 'PT404 member_not_found',
    },
  ];
  const superadminOnly = (theirs: object, unknown: object): Question[] => [
    { theirs: { ...theirs }, unknown: { ...unknown }, refusal: 'PT403 superadmin_required' },
  ];
  const organizations = (rest: object = {}) =>
    superadminOnly({ id: b.id, ...rest }, { id: 'ZZZZZZZZZ', ...rest });
  const accounts = (rest: object = {}) =>
    superadminOnly({ id: b.owner.id, ...rest }, { id: nobody, ...rest });
  const invitation = () => ({
    id: randomUUID(),
    email: `${randomUUID()}@example.com`,
    token_hash: hash(randomUUID()),
  });
  /** What is B's in one argument, the rest A's. */
  const named = (argument: string, theirs: string, what: string, rest: object = {}): Question => ({
    theirs: { ...rest, [argument]: theirs },
    unknown: { ...rest, [argument]: nobody },
    refusal: `PT404 ${what}_not_found`,
  });
  const selections = { colour: 'white' };
  /** A booking, session, refund … of B's, by the name of its argument. */
  const booking = (argument: string, rest: object = {}) => [
    named(argument, courses.b.booking, 'booking', rest),
  ];
  const session = (argument: string, rest: object = {}) => [
    named(argument, courses.b.session, 'session', rest),
    named(argument, courses.b.draftSession, 'session', rest),
  ];
  const refund = (rest: object = {}) => [named('id', courses.b.refund, 'refund', rest)];
  const invoice = () => [named('id', courses.b.invoice, 'invoice')];
  const discount = (rest: object): Question => ({
    theirs: { session_id: courses.a.session, ...rest, discount_code: courses.b.discountCode },
    unknown: { session_id: courses.a.session, ...rest, discount_code: 'OF-NOBODY' },
    refusal: 'PT422 discount_code_invalid',
  });
  const guest = {
    contact: { email: 'guest@example.com' },
    participants: [{ name: 'Guest' }],
    terms_accepted: true,
  };
  const series = {
    course_id: courses.a.course,
    first_starts_at: '2099-02-01T08:00:00Z',
    frequency: 'weekly',
    occurrences: 2,
  };

  return {
    approve_member: users(),
    reject_member: users(),
    suspend_member: users(),
    reactivate_member: users(),
    remove_member: users(),
    grant_role: [
      ...users({ role_code: 'viewer' }),
      {
        theirs: { user_id: a.viewer.id, role_code: b.roleCode },
        unknown: { user_id: a.viewer.id, role_code: 'crew_of_nobody' },
        refusal: 'PT404 role_not_found',
      },
      {
        theirs: { user_id: a.viewer.id, role_code: 'viewer', plant_id: b.plantId },
        unknown: { user_id: a.viewer.id, role_code: 'viewer', plant_id: nobody },
        refusal: 'PT404 plant_not_found',
      },
    ],
    revoke_role: [
      { theirs: { id: b.grantId }, unknown: { id: nobody }, refusal: 'PT404 role_grant_not_found' },
    ],
    update_role: [
      {
        theirs: { code: b.roleCode, name: 'Mine' },
        unknown: { code: 'crew_of_nobody', name: 'Mine' },
        refusal: 'PT404 role_not_found',
      },
      {
        theirs: { code: b.roleCode, permissions: ['plants.read'] },
        unknown: { code: 'crew_of_nobody', permissions: ['plants.read'] },
        refusal: 'PT404 role_not_found',
      },
    ],
    delete_role: [
      { theirs: { code: b.roleCode }, unknown: { code: 'crew_of_nobody' }, refusal: 'PT404 role_not_found' },
    ],
    grant_plant_access: [
      ...users({ plant_id: a.plantId }),
      {
        theirs: { user_id: a.viewer.id, plant_id: b.plantId },
        unknown: { user_id: a.viewer.id, plant_id: nobody },
        refusal: 'PT404 plant_not_found',
      },
    ],
    revoke_plant_access: [
      ...users({ plant_id: a.plantId }),
      {
        theirs: { user_id: a.viewer.id, plant_id: b.plantId },
        unknown: { user_id: a.viewer.id, plant_id: nobody },
        refusal: 'PT404 plant_access_not_found',
      },
    ],
    create_invitation: [
      {
        theirs: { ...invitation(), role_codes: [b.roleCode] },
        unknown: { ...invitation(), role_codes: ['crew_of_nobody'] },
        refusal: 'PT404 role_not_found',
      },
      {
        theirs: { ...invitation(), plant_id: b.plantId },
        unknown: { ...invitation(), plant_id: nobody },
        refusal: 'PT404 plant_not_found',
      },
    ],
    revoke_invitation: [
      { theirs: { id: b.invitationId }, unknown: { id: nobody }, refusal: 'PT404 invitation_not_found' },
    ],
    accept_invitation: [
      {
        theirs: { token: b.invitationToken },
        unknown: { token: randomUUID() },
        refusal: 'PT404 invitation_not_found',
      },
      {
        theirs: { token: hash(b.invitationToken) },
        unknown: { token: hash('x') },
        refusal: 'PT404 invitation_not_found',
      },
    ],
    switch_organization: [
      { theirs: { id: b.id }, unknown: { id: 'ZZZZZZZZZ' }, refusal: 'PT404 organization_not_found' },
    ],
    join_organization: [
      {
        theirs: { slug: b.slug },
        unknown: { slug: 'no-such-slug' },
        refusal: 'PT404 organization_not_found',
      },
    ],
    update_organization: organizations({ name: 'Mine' }),
    suspend_organization: organizations({ reason: 'x' }),
    reactivate_organization: organizations(),
    cancel_organization: organizations({ reason: 'x' }),
    purge_organization: organizations({ confirm_name: b.name }),
    create_organization: [
      ...superadminOnly(
        { name: 'Mine', slug: 'mine', owner_id: b.owner.id },
        { name: 'Mine', slug: 'mine', owner_id: nobody },
      ),
      ...superadminOnly({ name: 'Mine', slug: b.slug }, { name: 'Mine', slug: 'no-such-slug' }),
      ...superadminOnly(
        { name: 'Mine', slug: 'mine', id: b.id },
        { name: 'Mine', slug: 'mine', id: 'ZZZZZZZZZ' },
      ),
    ],
    delete_customer: [named('id', wares.b.customer, 'customer')],
    customer_details: [named('id', wares.b.customer, 'customer')],
    merge_customers: [
      named('keep', wares.b.customer, 'customer', { remove: wares.a.customer }),
      named('remove', wares.b.customer, 'customer', { keep: wares.a.customer }),
    ],
    explain_customer_access: [
      named('customer_id', wares.b.customer, 'customer', { user_id: a.viewer.id }),
      named('user_id', b.viewer.id, 'member', { customer_id: wares.a.customer }),
    ],
    entry_schema: [named('manufacturing_type_id', wares.b.type, 'manufacturing_type')],
    entry_preview: [named('manufacturing_type_id', wares.b.type, 'manufacturing_type', { selections })],
    save_entry: [
      named('manufacturing_type_id', wares.b.type, 'manufacturing_type', {
        name: 'Mine',
        selections,
        customer_id: wares.a.customer,
      }),
      named('customer_id', wares.b.customer, 'customer', {
        manufacturing_type_id: wares.a.type,
        name: 'Mine',
        selections,
      }),
    ],
    update_entry: [named('configuration_id', wares.b.draft, 'configuration', { selections })],
    save_configuration: [named('id', wares.b.draft, 'configuration')],
    reopen_configuration: [named('id', wares.b.configuration, 'configuration')],
    delete_configuration: [named('id', wares.b.draft, 'configuration')],
    apply_template: [
      named('template_id', wares.b.template, 'template', { name: 'Mine', customer_id: wares.a.customer }),
      named('customer_id', wares.b.customer, 'customer', { name: 'Mine', template_id: wares.a.template }),
    ],
    create_template: [named('configuration_id', wares.b.configuration, 'configuration', { name: 'Mine' })],
    create_quote: [
      {
        theirs: { configuration_ids: [wares.b.configuration] },
        unknown: { configuration_ids: [nobody] },
        refusal: 'PT404 configuration_not_found',
      },
      {
        theirs: { configuration_ids: [wares.a.configuration, wares.b.configuration] },
        unknown: { configuration_ids: [wares.a.configuration, nobody] },
        refusal: 'PT404 configuration_not_found',
      },
    ],
    update_quote: [named('id', wares.b.quoteDraft, 'quote', { notes: 'Mine' })],
    send_quote: [named('id', wares.b.quoteDraft, 'quote')],
    accept_quote: [named('id', wares.b.quote, 'quote')],
    reject_quote: [named('id', wares.b.quote, 'quote', { reason: 'No.' })],
    create_order: [named('quote_id', wares.b.ordered, 'quote')],
    change_order_status: [named('id', wares.b.order, 'order', { status: 'production' })],
    change_order_item_status: [named('id', wares.b.orderItem, 'order_item', { status: 'in_production' })],
    approve_refund: refund(),
    complete_refund: refund(),
    reject_refund: refund({ reason: 'No.' }),
    attendance_sheet: session('session_id'),
    booking_details: booking('id'),
    booking_price: [...session('session_id', { places: 1 }), discount({ places: 1 })],
    cancel_booking: booking('id', { reason: 'Mine.' }),
    confirm_booking: booking('id'),
    cancel_session: session('id', { reason: 'Mine.' }),
    clone_session: session('id', { starts_at: '2099-02-01T08:00:00Z' }),
    complete_session: session('id'),
    publish_session: session('id'),
    create_booking: [...session('session_id', guest), discount(guest)],
    create_payment: booking('booking_id'),
    record_payment: booking('booking_id', { amount: 10 }),
    request_refund: booking('booking_id', { amount: 1 }),
    resend_confirmation: booking('booking_id'),
    create_recurring_sessions: [
      named('course_id', courses.b.course, 'course', series),
      named('venue_id', courses.b.venue, 'venue', series),
      named('instructor_id', b.viewer.id, 'member', series),
    ],
    join_waitlist: session('session_id', { contact: guest.contact }),
    leave_waitlist: [named('id', courses.b.waitlistEntry, 'waitlist_entry')],
    recalculate_customer_statistics: [named('customer_id', wares.b.customer, 'customer')],
    record_attendance: [
      ...session('session_id', { entries: [{ attendee_id: courses.a.attendee, status: 'present' }] }),
      {
        theirs: {
          session_id: courses.a.pastSession,
          entries: [{ attendee_id: courses.b.attendee, status: 'present' }],
        },
        unknown: {
          session_id: courses.a.pastSession,
          entries: [{ attendee_id: nobody, status: 'present' }],
        },
        refusal: 'PT422 invalid_attendance',
      },
    ],
    send_invoice: invoice(),
    void_invoice: invoice(),
    get_user: accounts(),
    update_user: accounts({ display_name: 'Mine' }),
    deactivate_user: accounts({ reason: 'x' }),
    reactivate_user: accounts(),
    delete_user: accounts(),
  };
}

/** Functions whose arguments name nothing that somebody has, or that answer both alike with no error. */
const answeredWithoutRefusal = [
  'admin_list_customers',
  'backfill_booking_customers',
  'check_permission',
  'create_role',
  'export_bookings',
  'find_or_create_customer',
  'is_organization_id',
  'list_bookings',
  'list_members',
  'list_organizations',
  'list_users',
  'search_customers',
  'session_calendar',
  'sync_user_profiles',
  'update_platform_settings',
];

let all: Record<string, Question[]>;
beforeAll(() => {
  all = questions();
});

test('“not yours” and “does not exist” are one answer: every function, every argument', async () => {
  const before = await digest(db);
  for (const [name, asked] of Object.entries(all)) {
    for (const { theirs, unknown, refusal } of asked) {
      const answer = await api.call(name, street.a.owner.token, theirs);
      expect(outcome(answer), `${name} ${JSON.stringify(theirs)}: ${JSON.stringify(answer.body)}`).toBe(
        refusal,
      );
      const other = await api.call(name, street.a.owner.token, unknown);
      expect(faceOf(answer, ...Object.values(theirs).flat()), name).toEqual(
        faceOf(other, ...Object.values(unknown).flat()),
      );
    }
  }
  expect(await digest(db)).toEqual(before);
});

test('no function that users may call and that takes an argument is left out above', async () => {
  const { rows } = await db.query<{ name: string }>(
    `select proname as name from pg_proc
     where pronamespace = 'public'::regnamespace and has_function_privilege('authenticated', oid, 'execute')
       and pronargs > 0 and prokind = 'f'
       and exists (select from unnest(proargtypes::oid[]) as arg where arg in ('text'::regtype, 'uuid'::regtype, 'text[]'::regtype, 'boolean'::regtype))
     order by 1`,
  );
  expect(rows.map(({ name }) => name)).toEqual([...Object.keys(all), ...answeredWithoutRefusal].sort());
});

describe('alike without an error', () => {
  test('check_permission says false at another’s plant as at none', async () => {
    for (const plant_id of [street.b.plantId, nobody]) {
      expect(
        await api.call('check_permission', street.a.owner.token, { code: 'plants.read', plant_id }),
      ).toMatchObject({
        status: 200,
        body: false,
      });
    }
    const own = { code: 'plants.read', plant_id: street.a.plantId };
    expect((await api.call('check_permission', street.a.owner.token, own)).body).toBe(true);
  });

  test('create_role takes a code that another has as one that nobody has', async () => {
    const create = (code: string) =>
      api.call('create_role', street.a.owner.token, { code, name: 'Same', permissions: ['plants.read'] });
    expect(faceOf(await create(street.b.roleCode), street.b.roleCode).status).toBe(200);
    expect((await create('nobody_has_it')).status).toBe(200);
    for (const code of [street.b.roleCode, 'nobody_has_it']) {
      expect(await api.call('delete_role', street.a.owner.token, { code })).toMatchObject({
        status: 200,
        body: { organization_id: street.a.id },
      });
    }
    expect((await api.call('delete_role', street.b.owner.token, { code: 'nobody_has_it' })).status).toBe(404);
  });

  test('a customer of another organization is found by nobody else, and made anew like one that nobody has', async () => {
    const search = async (query: string) =>
      (await api.call('search_customers', street.a.owner.token, { query })).body;
    for (const query of ['rival@example.com', 'nobody-has-it@example.com']) {
      expect(await search(query)).toMatchObject({ total: 0, customers: [] });
    }
    expect(await search('buyer@example.com')).toMatchObject({ total: 1 });
    const find = (email: string) => api.call('find_or_create_customer', street.a.owner.token, { email });
    for (const email of ['rival@example.com', 'nobody-has-it@example.com']) {
      const made = await find(email);
      expect(made).toMatchObject({ status: 200, body: { organization_id: street.a.id, company_name: null } });
      expect(made.body).not.toMatchObject({ id: wares.b.customer });
    }
    expect((await find('buyer@example.com')).body).toMatchObject({ id: wares.a.customer });
  });

  test('lists of bookings filter by what another has as by what nobody has', async () => {
    const { a, b } = courses;
    const ask = async (name: string, args: Record<string, unknown>) => {
      const answer = await api.call(name, street.a.owner.token, args);
      expect(answer.status, `${name}: ${JSON.stringify(answer.body)}`).toBe(200);
      return answer.body;
    };
    const range = { starts_from: '2000-01-01T00:00:00Z', starts_before: '2100-01-01T00:00:00Z' };
    const alike: [string, string, string | undefined, object][] = [
      ['list_bookings', 'session_id', b.session, {}],
      ['list_bookings', 'customer_id', wares.b.customer, {}],
      ['session_calendar', 'course_id', b.course, range],
      ['session_calendar', 'venue_id', b.venue, range],
      ['session_calendar', 'instructor_id', street.b.viewer.id, range],
    ];
    for (const [name, argument, theirs, rest] of alike) {
      const answer = await ask(name, { ...rest, [argument]: theirs });
      expect(answer, name).toEqual(await ask(name, { ...rest, [argument]: nobody }));
      expect(answer, name).toEqual(
        name === 'list_bookings' ? expect.objectContaining({ total: 0, bookings: [] }) : [],
      );
    }
    expect(await ask('list_bookings', { session_id: a.session })).toMatchObject({ total: 1 });
    expect(await ask('session_calendar', { ...range, course_id: a.course })).toHaveLength(3);
    // Where a page goes on is asked of the ids alone; the customers and the backfill are one's own.
    const exported = await ask('export_bookings', {});
    expect(exported).toHaveLength(2);
    expect(await ask('export_bookings', { after: nobody })).toEqual(exported);
    expect(JSON.stringify(await ask('admin_list_customers', { per_page: 100 }))).not.toContain(
      wares.b.customer,
    );
    expect(await ask('backfill_booking_customers', { dry_run: true })).toMatchObject({ examined: 0 });
  });

  test('an invitation to a member of another organization is made as one to a stranger', async () => {
    const invite = (email: string, id: string = randomUUID()) =>
      api.call('create_invitation', street.a.owner.token, { id, email, token_hash: hash(id) });
    const known = await invite(street.b.owner.email);
    const unknown = await invite('nobody@example.com');
    const invitedByB = await invite(street.b.invitationEmail);
    const shape = (answer: typeof known) => [answer.status, Object.keys(answer.body as object)];
    expect(known.status).toBe(200);
    expect(shape(known)).toEqual(shape(unknown));
    expect(shape(invitedByB)).toEqual(shape(unknown));
    // With the id of another’s invitation it is one’s own all the same.
    expect(shape(await invite('other@example.com', street.b.invitationId))).toEqual(shape(unknown));
    const { rows } = await db.query(
      'select email, revoked_at from public.invitations where organization_id = $1',
      [street.b.id],
    );
    expect(rows).toEqual([{ email: street.b.invitationEmail, revoked_at: null }]);
  });

  test('joining: an organization that is suspended and open is as one that does not exist', async () => {
    await db.query('update public.organizations set allow_self_registration = true where id = $1', [
      street.b.id,
    ]);
    await db.query(`select public.suspend_organization($1, 'test')`, [street.b.id]);
    const join = (slug: string) => api.call('join_organization', street.stranger.token, { slug });
    expect(faceOf(await join(street.b.slug))).toEqual(faceOf(await join('no-such-slug')));
    await db.query('select public.reactivate_organization($1)', [street.b.id]);
    // Twin
    expect(await join(street.b.slug)).toMatchObject({ status: 200, body: { member_status: 'pending' } });
    await db.query('update public.organizations set allow_self_registration = false where id = $1', [
      street.b.id,
    ]);
  });

  test('a suspended organization is as one that does not exist, also to its members', async () => {
    await addMember(db, street.b.id, street.a.viewer.id, 'viewer');
    await db.query(`select public.suspend_organization($1, 'test')`, [street.b.id]);
    const choose = (id: string) => api.call('switch_organization', street.a.viewer.token, { id });
    expect(faceOf(await choose(street.b.id))).toEqual(faceOf(await choose('ZZZZZZZZZ')));
    await db.query('select public.reactivate_organization($1)', [street.b.id]);
    expect((await choose(street.b.id)).status).toBe(200);
  });
});

describe('allowed: the same functions with what is one’s own', () => {
  test('answer', async () => {
    const { a } = street;
    const ware = wares.a;
    const course = courses.a;
    const own: [string, Record<string, unknown>][] = [
      ['customer_details', { id: ware.customer }],
      ['explain_customer_access', { user_id: a.viewer.id, customer_id: ware.customer }],
      ['entry_schema', { manufacturing_type_id: ware.type }],
      ['entry_preview', { manufacturing_type_id: ware.type, selections: { colour: 'red' } }],
      ['update_entry', { configuration_id: ware.draft, selections: { colour: 'red' } }],
      ['create_template', { configuration_id: ware.configuration, name: 'Good' }],
      ['create_quote', { configuration_ids: [ware.configuration] }],
      ['update_quote', { id: ware.quoteDraft, notes: 'Better' }],
      ['send_quote', { id: ware.quoteDraft }],
      ['accept_quote', { id: ware.quote }],
      ['create_order', { quote_id: ware.quote }],
      ['change_order_status', { id: ware.order, status: 'production' }],
      ['change_order_item_status', { id: ware.orderItem, status: 'in_production' }],
      ['booking_details', { id: course.booking }],
      ['booking_price', { session_id: course.session, places: 1, discount_code: course.discountCode }],
      ['attendance_sheet', { session_id: course.pastSession }],
      [
        'record_attendance',
        {
          session_id: course.pastSession,
          entries: [{ attendee_id: course.attendee, status: 'present' }],
        },
      ],
      ['complete_session', { id: course.pastSession }],
      ['approve_refund', { id: course.refund }],
      ['complete_refund', { id: course.refund }],
      ['publish_session', { id: course.draftSession }],
      ['clone_session', { id: course.session, starts_at: '2099-02-01T08:00:00Z' }],
      [
        'create_booking',
        {
          session_id: course.draftSession,
          contact: { email: 'guest@example.com' },
          participants: [{ name: 'Guest' }],
          terms_accepted: true,
        },
      ],
      ['leave_waitlist', { id: course.waitlistEntry }],
      ['suspend_member', { user_id: a.viewer.id }],
      ['reactivate_member', { user_id: a.viewer.id }],
      ['approve_member', { user_id: a.pending.id }],
      ['grant_role', { user_id: a.pending.id, role_code: a.roleCode, plant_id: a.plantId }],
      ['grant_plant_access', { user_id: a.pending.id, plant_id: a.plantId, access_level: 'write' }],
      ['revoke_plant_access', { user_id: a.pending.id, plant_id: a.plantId }],
      ['revoke_role', { id: a.grantId }],
      ['update_role', { code: a.roleCode, name: 'Renamed' }],
      ['delete_role', { code: a.roleCode }],
      ['revoke_invitation', { id: a.invitationId }],
      ['remove_member', { user_id: a.pending.id }],
      ['switch_organization', { id: a.id }],
    ];
    for (const [name, args] of own) {
      const answer = await api.call(name, a.owner.token, args);
      expect(answer.status, `${name}: ${JSON.stringify(answer.body)}`).toBe(200);
    }
  });
});
