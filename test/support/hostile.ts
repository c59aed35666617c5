/** Metadata and addresses as an attacker, a broken client or an old import would leave them. */
export interface HostileUser {
  email: string | null;
  raw_user_meta_data: unknown;
}

const claims = { platform_role: 'superadmin', role: 'service_role', is_admin: true, is_active: false };

const metadata: unknown[] = [
  null,
  {},
  [],
  ['full_name', 'name'],
  'just a string',
  42,
  true,
  { full_name: ['Ada'] },
  { full_name: { first: 'Ada' }, name: { last: 'Lovelace' } },
  { full_name: 17, name: false },
  { full_name: null, name: null },
  { full_name: '', name: '   \t\n ' },
  { full_name: '\u0007\u001b[31mred\u0000'.replaceAll('\u0000', ''), ...claims },
  { full_name: '\u202Eevil\u202C \u2066name\u2069', user_metadata: claims, app_metadata: claims },
  { full_name: `'); drop table public.user_profiles; --`, sso_provider: 'google' },
  { full_name: '<script>alert(1)</script>', raw_app_meta_data: { provider: 'sso:evil' } },
  { full_name: '{"platform_role":"superadmin"}', claims },
  { full_name: 'x'.repeat(5000), name: 'y' },
  { full_name: 'ก็'.repeat(500) },
  { full_name: '👩‍👩‍👧‍👦 Familie', deactivated_at: '2020-01-01' },
  { full_name: '%s%n$1${x}', preferences: 'no object' },
];

const emails: ((index: number) => string | null)[] = [
  () => null,
  (index) => `user${index}@example.com`,
  (index) => `UPPER.Case${index}@EXAMPLE.com`,
  (index) => `no-at-sign-${index}`,
  (index) => `@${index}.example.com`,
  (index) => `"quo\\"ted ${index}"@example.com`,
  (index) => `ünï${index}@exämple.test`,
];

/**
 * Users with every combination of hostile metadata and addresses, over and over.
 *
 * @param count how many
 */
export function hostileUsers(count: number): HostileUser[] {
  return Array.from({ length: count }, (_, index) => ({
    email: emails[index % emails.length]?.(index) ?? null,
    raw_user_meta_data: metadata[index % metadata.length],
  }));
}
