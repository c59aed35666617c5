/** What is known about a code and stands nowhere in the code that refuses with it. */
export interface ErrorNote {
  /** When it is refused, as the rest of a sentence. */
  when: string;
  /** What to do then, where the hint does not say it. */
  todo?: string;
  /** An example of what comes in the details beside the code: exactly the keys that are raised. */
  details?: Record<string, unknown>;
  /** What stands for the placeholders of its sentences in the example; for the others, {@link exampleWords}. */
  words?: Record<string, string>;
}

/**
 * One note for each code that the API refuses with: a code without a note, and a note without a code, fail
 * `test/scripts/errors-doc.db.test.ts`. docs/errors.md is made of these and of the places that refuse.
 */
export const errorNotes: Record<string, ErrorNote> = {
  access_level_invalid: { when: 'an unknown level of access to a plant' },
  address_invalid: { when: 'an address that is no object, or too long' },
  already_member: { when: 'the user belongs to the organization, or has asked to' },
  append_only: { when: 'changing or deleting history: snapshots, prices of the past' },
  attribute_cycle: {
    when: 'attributes depend on each other in a circle',
    details: { attributes: ['height', 'width'] },
    words: { codes: 'height, width' },
  },
  attribute_invalid: {
    when: 'an attribute that cannot be like this',
    details: { attribute: 'width' },
    words: { code: 'width', data_type: 'dimension' },
  },
  audit_append_only: { when: 'changing or deleting what the audit log holds', todo: 'Record another event.' },
  claim_invalid: { when: 'a claim outside 1 to 1,000 messages or 1 to 43,200 seconds' },
  code_invalid: { when: 'a malformed code of a role' },
  company_invalid: { when: 'a name of a company that is too long, or more than a line' },
  condition_field_unknown: {
    when: 'a condition reads what the type has not',
    details: { attribute: 'glass', field: 'widht' },
    words: { code: 'glass', field: 'widht' },
  },
  configuration_not_draft: {
    when: 'changing a configuration that is no draft',
    words: { reference_code: 'C-20270131-001', status: 'quoted' },
  },
  configuration_not_found: { when: 'there is no such configuration for the caller' },
  configuration_not_quotable: {
    when: 'quoting or ordering configurations in the wrong status',
    details: { configurations: ['01990000-0000-7000-8000-000000000001'] },
    words: { ids: '2' },
  },
  configuration_snapshotted: { when: 'deleting a configuration that was saved once' },
  configurations_invalid: { when: 'a quote of no configurations, of too many, or of one twice' },
  confirmation_mismatch: { when: "purging with another name than the organization's" },
  count_unavailable: {
    when: "`Prefer: count=planned` or `estimated`: an estimate is made of all organizations' rows",
    todo: 'Ask for `count=exact`.',
  },
  customer_authorization: {
    when: "acting for a customer that is not one's own or assigned to one; the same where there is none of this id",
  },
  customer_creation_failed: {
    when: 'what is known of the user makes no customer',
    details: { constraint: 'customers_contact_person_length' },
  },
  customer_in_use: {
    when: 'deleting a customer that something refers to',
    details: { references: { quotes: 3 } },
  },
  customer_not_found: { when: 'the organization has no such customer' },
  department_invalid: { when: 'a department that is empty or too long' },
  description_invalid: { when: 'a description that is too long' },
  discount_invalid: {
    when: 'a discount that is below 0, or more than the subtotal',
    details: { subtotal: 1200 },
    words: { discount: '1300.00', subtotal: '1200.00' },
  },
  display_name_invalid: { when: 'a display name that is not one line of 1 to 200 characters' },
  email_invalid: { when: 'what is no e-mail address' },
  email_not_verified: {
    when: 'what goes by the e-mail address takes one that is verified: accepting an invitation, becoming a customer',
  },
  event_invalid: { when: 'an event without a proper name or severity, or with too much to tell' },
  expiry_invalid: { when: 'an expiry that is past' },
  features_invalid: { when: 'features that are not an object of booleans, or that there are not' },
  formula_division_by_zero: { when: 'with these values the formula divides by zero' },
  formula_invalid: {
    when: 'a formula that cannot be read',
    details: { attribute: 'area', field: 'formula', position: 7 },
    words: { code: 'area', field: 'formula', problem: 'At character 7 of the formula: a value is missing.' },
  },
  formula_out_of_range: { when: 'with these values the formula goes beyond ±10,000,000,000' },
  formula_undefined: { when: 'with these values the formula has no result' },
  formula_unknown_name: {
    when: 'a formula uses a name that its type has not',
    details: { attribute: 'area', field: 'formula', name: 'widht', position: 1 },
    words: {
      code: 'area',
      field: 'formula',
      problem: 'At character 1 of the formula: there is no value named widht.',
    },
  },
  grant_exceeds_own: {
    when: 'granting, changing or taking what the caller does not hold, or not for as long',
  },
  internal_error: { when: 'an edge function failed', todo: 'Try again; look at its log.' },
  invalid_input: {
    when: "the typed client or an edge function found the input wrong; the client's `fields` say where",
  },
  invalid_json: { when: 'the body of a call to an edge function is not JSON' },
  invitation_exists: { when: 'the id of a new invitation is taken' },
  invitation_expired: { when: 'it expired or was revoked, or who sent it is no longer a member' },
  invitation_not_found: { when: 'no such invitation for this address, or none that is open' },
  invitation_used: { when: 'the invitation was accepted already' },
  last_owner: { when: 'removing, suspending or demoting the last active owner' },
  limit_reached: { when: 'the organization has all that its plan allows', todo: 'Take a larger plan.' },
  limits_invalid: { when: 'limits of a plan that are too small' },
  manufacturing_type_inactive: {
    when: 'configuring a type that is not sold',
    words: { name: 'Casement window' },
  },
  manufacturing_type_not_found: { when: 'there is no such type for the caller' },
  member_not_found: { when: 'the organization has no such member' },
  member_status_conflict: {
    when: 'the member is not in the status that this starts from',
    todo: 'Look at it again.',
  },
  merge_invalid: { when: 'merging a customer into itself' },
  method_not_allowed: { when: 'an edge function was called with something else than POST' },
  name_invalid: { when: 'a name that is empty, too long, or more than a line' },
  no_answer: { when: 'the server did not answer', todo: 'Try again.' },
  not_authenticated: { when: 'nobody is signed in' },
  notes_invalid: { when: 'notes that are too long' },
  option_misplaced: {
    when: 'an option that is under no selection, or has something under it',
    details: { attribute: 'oak' },
    words: { code: 'oak', parent_code: 'wood' },
  },
  order_frozen: { when: 'changing what was ordered, or for how much' },
  order_item_not_found: { when: 'there is no such item of an order for the caller' },
  order_items_open: {
    when: 'shipping an order whose items are not completed',
    details: { items: 2 },
    words: { open_items: '2' },
  },
  order_not_found: { when: 'there is no such order for the caller' },
  order_not_in_production: {
    when: 'moving items of an order that is not in production',
    words: { order_status: 'confirmed' },
  },
  organization_exists: { when: 'the slug or the id is taken' },
  organization_id_invalid: { when: 'what is no id of an organization' },
  organization_not_cancelled: { when: 'purging an organization that is not cancelled' },
  organization_not_found: { when: 'there is no such organization for the caller' },
  organization_required: {
    when: 'the token names no organization, or one that the caller is not an active member of',
  },
  organization_status_conflict: {
    when: 'the organization is not in the status that this starts from',
    todo: 'Look at it again.',
  },
  own_account: { when: 'deactivating, deleting or changing the role of oneself' },
  own_membership: { when: 'suspending or letting in oneself' },
  owner_required: { when: 'an organization without an owner' },
  owner_unbounded: { when: 'an owner bound to a plant, a department or a time' },
  page_invalid: { when: 'a page before 1' },
  pattern_invalid: { when: 'what is no regular expression' },
  pattern_not_allowed: { when: 'a regular expression that is too complex to be matched safely' },
  per_page_invalid: { when: 'a page size outside 1 to 100' },
  permission_required: { when: "the caller's roles do not hold the permission that the sentence names" },
  permissions_invalid: { when: 'what is no permission' },
  phone_invalid: { when: 'a phone number that is too long, or more than a line' },
  plant_access_not_found: { when: 'the member has no access to this plant' },
  plant_not_found: { when: 'the organization has no such plant' },
  preferences_invalid: { when: 'preferences that are not an object, or too long' },
  price_out_of_range: {
    when: 'a price or a weight that is negative or beyond all measure',
    words: { price: '-12.50', weight: '40.000' },
  },
  quantity_invalid: {
    when: 'quantities that are not above 0, or not one for each line',
    words: { items: '3' },
  },
  queue_unknown: { when: 'there is no queue of this name' },
  quote_already_ordered: { when: 'ordering a quote twice' },
  quote_expired: { when: 'the last day of the quote is over', words: { valid_until: '2026-12-31' } },
  quote_frozen: {
    when: 'changing a quote that was sent',
    words: { frozen: 'Q-20270131-001', number: 'Q-20270131-001', status: 'sent' },
  },
  quote_not_accepted: { when: 'ordering a quote that was not accepted', words: { status: 'sent' } },
  quote_not_found: { when: 'there is no such quote for the caller' },
  rate_limited: {
    when: '30 invitations of a member or 100 of an organization in an hour; 10 wrong tokens of a user',
    todo: 'Wait.',
  },
  reason_invalid: { when: 'a reason that is too long' },
  reason_required: { when: 'deactivating, suspending or cancelling without a reason' },
  required_date_invalid: { when: 'a day that is past, or too far away' },
  retention_invalid: { when: 'a retention of the audit log that is none; for operators' },
  role_exists: { when: 'the code of a new role is taken' },
  role_grant_not_found: { when: 'the organization has no such grant of a role' },
  role_in_use: { when: 'deleting a role that members have' },
  role_invalid: { when: 'a role on the platform other than `user`, `superadmin`' },
  role_not_found: { when: 'the organization has no such role' },
  roles_invalid: { when: 'more than 20 roles' },
  search_invalid: { when: 'a search that is too long' },
  service_role_required: {
    when: 'only the backend may call this',
    todo: 'Use the secret key, on a server.',
  },
  several_customers: { when: 'quoting configurations of several customers' },
  slug_invalid: { when: 'a slug that cannot be in a link' },
  status_invalid: { when: 'a status that the list does not know' },
  superadmin_required: { when: 'only a superadmin may do this' },
  system_role: { when: "renaming or deleting a system role, or taking from the owner's" },
  tax_rate_invalid: { when: 'a tax rate outside 0 to 100' },
  template_exists: { when: 'the name of a new template is taken' },
  template_not_found: { when: 'there is no such template for the caller' },
  template_type_invalid: { when: 'an unknown kind of template' },
  tier_invalid: { when: 'an unknown plan' },
  timezone_invalid: { when: 'an unknown time zone' },
  token_hash_invalid: { when: "a malformed hash of an invitation's token" },
  transition_not_allowed: {
    when: 'the status of a thing does not lead to the one that is asked for',
    details: { from: 'sent', to: 'draft' },
    words: { before: 'sent', from_status: 'sent', status: 'draft', to_status: 'draft' },
  },
  type_invalid: { when: 'an unknown kind of customer' },
  unexpected_answer: {
    when: 'client and server are of different releases',
    todo: 'Update the client.',
  },
  unknown: {
    when: "an answer without a code, such as a gateway's 401",
    todo: 'Look at the status.',
  },
  user_not_found: { when: 'there is no user of this id' },
  valid_until_invalid: { when: 'a last day that is past, or too far away' },
  values_invalid: {
    when: "values of an entry that are wrong; the client's `fields` say which",
    details: { fields: { width: ['It is at least 400.'] } },
    words: { code: 'width (It is at least 400.)' },
  },
};

/** What stands for a placeholder of a sentence in an example response. */
export const exampleWords: Record<string, string> = {
  action: 'deactivate',
  allowed: '10',
  before: 'sent',
  code: 'members.manage',
  from_status: 'pending',
  missing: 'plants.manage',
  name: 'list_users',
  names: 'height, width',
  place: '7',
  problem: 'a value is missing',
  queue: '"mails"',
  sqlerrm: 'brackets [] not balanced',
  status: 'draft',
  tg_table_name: 'price_history',
  to_status: 'active',
  token: 'widht',
  unknown: 'plants.paint',
  value: '3 quotes',
  what: 'active members',
};
