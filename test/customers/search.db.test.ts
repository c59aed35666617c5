import type pg from 'pg';
import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { useDatabase } from '../support/database.ts';
import { expectRefusal } from '../support/refusal.ts';
import { asAnon } from '../support/roles.ts';
import { addMember, call, found, type Organization } from '../tenancy/organizations.ts';
import { actFor, addCustomer, assign, callAs } from './customers.ts';

const db = useDatabase();
let acme: Organization;
let viewer: string;

const people = {
  anna: { contact_person: 'Anna Gruber', email: 'a.gruber@post.example', phone: '+43 664 123-45 67' },
  hanna: { contact_person: 'Hanna Öztürk', email: 'hanna@example.com', total_bookings: 3 },
  annabau: {
    company_name: 'Annabau GmbH',
    contact_person: 'Karl Weiß',
    email: 'office@annabau.example',
    customer_type: 'corporate',
  },
  bert: { contact_person: 'Bert Ann Smith', phone: '0699 77 88', customer_type: 'individual' },
  odd: { contact_person: `100%_sure\\ 'quoted' & | ! ( ) : <->`, email: 'odd@example.com' },
  ivan: { contact_person: 'Иван Петров', email: 'ivan@example.com', customer_type: 'commercial' },
};
type Name = keyof typeof people;
const ids = {} as Record<Name, string>;

beforeAll(async () => {
  acme = await found(db.pool, 'Acme');
  viewer = await addMember(db.pool, acme, { roles: ['viewer'] });
  for (const [name, particulars] of Object.entries(people)) {
    ids[name as Name] = await addCustomer(db.pool, acme, particulars);
  }
  const beta = await found(db.pool, 'Beta');
  await addCustomer(db.pool, beta, { contact_person: 'Anna Gruber', email: 'a.gruber@post.example' });
});

const page = z.object({
  customers: z.array(z.looseObject({ id: z.string() })),
  total: z.number(),
  page: z.number(),
  per_page: z.number(),
});

async function search(
  args: Record<string, unknown>,
  user = viewer,
  where: Parameters<typeof callAs>[0] = db,
): Promise<z.infer<typeof page>> {
  return page.parse(await callAs(where, acme, user, 'search_customers', args, {}));
}

/** The names of those found, in order. */
async function namesOf(...args: Parameters<typeof search>): Promise<string[]> {
  const { customers, total } = await search(...args);
  expect(total).toBe(customers.length);
  return customers.map(({ id }) => Object.entries(ids).find(([, known]) => known === id)?.[0] ?? id);
}

describe('a query', () => {
  test.each<[string, string, Name[]]>([
    [
      'three letters anywhere in a name, those first that begin with it',
      'ann',
      ['anna', 'annabau', 'bert', 'hanna'],
    ],
    ['whatever the case', 'ANNA', ['anna', 'annabau', 'hanna']],
    ['blanks around it', '  anna  gruber ', ['anna']],
    ['several words in any order', 'gruber anna', ['anna']],
    ['parts of words in any order', 'rub nna', ['anna']],
    ['words of different columns', 'karl annabau', ['annabau']],
    ['all of the words', 'anna karl smith', []],
    ['without accents what has them', 'ozturk', ['hanna']],
    ['with accents what has others', 'ÖZTÜRK', ['hanna']],
    ['letters that are spelt with two', 'weiss', ['annabau']],
    ['another script', 'петр', ['ivan']],
    ['a part of an address', 'gruber@post', ['anna']],
    ['a whole address', 'office@annabau.example', ['annabau']],
    ['the domain', 'example.com', ['odd', 'hanna', 'ivan']],
    ['a part of a number as it was written', '664 123-45', ['anna']],
    ['a part of a number as it is dialled', '4366412345', ['anna']],
    ['two letters: the beginning of a word', 'an', ['anna', 'annabau', 'bert']],
    ['one letter', 'g', ['anna', 'annabau']],
    ['two beginnings', 'sm be', ['bert']],
    ['a beginning and a part', 'gr nna', ['anna']],
    ['two digits', '77', ['bert']],
    ['the name of a company', 'annabau', ['annabau']],
  ])('finds %s: "%s"', async (_, query, expected) => {
    expect(await namesOf({ query })).toEqual(expected);
  });

  test('is for all of the organization when there is none, by name', async () => {
    const all: Name[] = ['odd', 'anna', 'annabau', 'bert', 'hanna', 'ivan'];
    for (const query of [null, '', '   ']) expect(await namesOf({ query })).toEqual(all);
  });

  test('that begins a name comes before one that is in it, even where that name is earlier', async () => {
    await db.inRollback(async (client) => {
      const late = await addCustomer(client, acme, { contact_person: 'Zzz Test' });
      const early = await addCustomer(client, acme, { contact_person: 'Aaa Zzz' });
      const { customers } = await search({ query: 'zzz' }, viewer, client);
      expect(customers.map(({ id }) => id)).toEqual([late, early]);
    });
  });
});

test('a customer is shown with what a list needs, and no more', async () => {
  const { customers } = await search({ query: 'annabau' });
  expect(customers).toEqual([
    {
      id: ids.annabau,
      company_name: 'Annabau GmbH',
      contact_person: 'Karl Weiß',
      email: 'office@annabau.example',
      phone: null,
      customer_type: 'corporate',
      is_active: true,
      tags: [],
      total_bookings: 0,
      total_spent: 0,
      last_booking_at: null,
      created_at: expect.any(String) as unknown,
    },
  ]);
});

describe('filters', () => {
  test('leave one type', async () => {
    expect(await namesOf({ query: 'ann', type: 'corporate' })).toEqual(['annabau']);
    expect(await namesOf({ type: 'commercial' })).toEqual(['ivan']);
    await expectRefusal(search({ type: 'rich' }), 400, 'type_invalid');
  });

  test('leave those who have booked, or those who have not', async () => {
    expect(await namesOf({ has_bookings: true })).toEqual(['hanna']);
    expect(await namesOf({ query: 'ann', has_bookings: false })).toEqual(['anna', 'annabau', 'bert']);
  });
});

describe('pages', () => {
  test('follow each other without gap or overlap, each with the total', async () => {
    const pages = await Promise.all(
      [1, 2, 3, 4].map((number) => search({ query: 'ann', page: number, per_page: 2 })),
    );
    expect(pages.map(({ total, page: number, per_page }) => [total, number, per_page])).toEqual(
      [1, 2, 3, 4].map((number) => [4, number, 2]),
    );
    expect(pages.flatMap(({ customers }) => customers.map(({ id }) => id))).toEqual([
      ids.anna,
      ids.annabau,
      ids.bert,
      ids.hanna,
    ]);
  });

  test('are from 1 on, of 1 to 100', async () => {
    await expectRefusal(search({ page: 0 }), 400, 'page_invalid');
    await expectRefusal(search({ per_page: 0 }), 400, 'per_page_invalid');
    await expectRefusal(search({ per_page: 101 }), 400, 'per_page_invalid');
    expect(await search({ page: 2_147_483_647, per_page: 100 })).toMatchObject({ customers: [], total: 6 });
  });
});

describe('a hostile query', () => {
  test.each<[string, Name[]]>([
    ['%', ['odd']],
    ['_', ['odd']],
    ['\\', ['odd']],
    ['100%', ['odd']],
    ['%_s', ['odd']],
    ['sure\\', ['odd']],
    ["'quoted'", ['odd']],
    ["'", ['odd']],
    ['& | ! ( ) : <->', ['odd']],
    ['%%%', []],
    ['___', []],
    ['a%r', []],
    ['an:*', []],
    ["an':* | 'be", []],
    ['!an', []],
    ['an & be', []],
    [`x' or true; drop table public.customers; --`, []],
    ['$1 $2 \\1 {ann} [a-z]{3} .*', []],
    ['@@@@', []],
    ['\u202e\u0007', []],
    ['👩‍👩‍👧', []],
  ])('is looked for as it is: %j', async (query, expected) => {
    expect(await namesOf({ query })).toEqual(expected);
  });

  test('of 200 characters is answered, of more refused', async () => {
    for (const letters of ['a', 'a ', 'ab ', 'abc ', '% ', '\\', "'", '(']) {
      const query = letters.repeat(200).slice(0, 200);
      expect(await search({ query })).toMatchObject({ customers: expect.any(Array) as unknown });
    }
    await expectRefusal(search({ query: 'a'.repeat(201) }), 400, 'search_invalid');
    await expectRefusal(search({ query: '%'.repeat(10_000) }), 400, 'search_invalid');
  });
});

describe('who searches', () => {
  test('with customers.read finds all of their organization, and none of another', async () => {
    expect(await namesOf({ query: 'gruber' })).toEqual(['anna']);
  });

  test('without it finds those that they act for or look after', async () => {
    await db.inRollback(async (client) => {
      const as = (user: string, query: string | null) => namesOf({ query }, user, client);
      const seller = await addMember(client, acme, { roles: ['salesman'] });
      const buyer = await addMember(client, acme);
      await assign(client, acme, seller, ids.anna);
      await assign(client, acme, seller, ids.bert);
      await actFor(client, acme, buyer, ids.hanna);
      // Assigned without the permission to see what is assigned.
      await assign(client, acme, buyer, ids.ivan);
      expect(await as(seller, 'ann')).toEqual(['anna', 'bert']);
      expect(await as(seller, 'an')).toEqual(['anna', 'bert']);
      expect(await as(seller, null)).toEqual(['anna', 'bert']);
      expect(await as(buyer, 'ann')).toEqual(['hanna']);
      expect(await as(buyer, null)).toEqual(['hanna']);
      expect(await as(await addMember(client, acme), null)).toEqual([]);
    });
  });

  test('is a member: others are refused', async () => {
    const stranger = await addMember(db.pool, await found(db.pool, 'Gamma'), { roles: ['viewer'] });
    await expectRefusal(search({ query: 'ann' }, stranger), 403, 'organization_required');
    await expect(
      asAnon(db, (client: pg.ClientBase) => call(client, 'search_customers')),
    ).rejects.toMatchObject({ code: '42501' });
  });
});

test('what is searched follows what is written', async () => {
  await db.inRollback(async (client) => {
    await client.query(
      `update public.customers set contact_person = 'Ädele New', email = null where id = $1`,
      [ids.anna],
    );
    expect(await namesOf({ query: 'adele' }, viewer, client)).toEqual(['anna']);
    expect(await namesOf({ query: 'ne' }, viewer, client)).toEqual(['anna']);
    expect(await namesOf({ query: 'gruber' }, viewer, client)).toEqual([]);
  });
});
