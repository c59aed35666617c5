import { describe, expect, it } from 'vitest';
import { columnFacts } from '../../scripts/support/column-facts.ts';
import { useDatabase } from '../support/database.ts';

describe('what the types know beyond the declarations', () => {
  const db = useDatabase();

  /** The facts about columns of relations that the statements made. */
  async function factsAfter(sql: string): Promise<unknown[]> {
    return db.inRollback(async (client) => {
      await client.query(sql);
      const facts = await columnFacts(client);
      return facts.filter(({ relation }) => relation.startsWith('probe'));
    });
  }

  it('a list of values is a check constraint on one column, or on its domain', async () => {
    const facts = await factsAfter(`
      create domain public.probe_size as text check (value in ('s', 'it''s m'));
      create table public.probe (
        status text check (status in ('open', 'closed')),
        kind varchar(10) check (kind = any (array['a', 'b'])),
        fixed text check (fixed = 'only'),
        size public.probe_size,
        free text check (length(free) > 3),
        other text,
        number integer check (number in (1, 2)),
        check (other = 'x' or status = 'open')
      );
    `);
    const fact = (name: string, values: string[]) => ({
      relation: 'probe',
      name,
      values,
      isNotNull: false,
      isCopied: false,
    });
    expect(facts).toEqual([
      fact('status', ['open', 'closed']),
      fact('kind', ['a', 'b']),
      fact('fixed', ['only']),
      fact('size', ['s', "it's m"]),
    ]);
  });

  it('tags describe attributes of composite types', async () => {
    const facts = await factsAfter(`
      create table public.probe (status text check (status in ('open', 'closed')));
      create type public.probe_row as (status text, word text, id uuid, plain text, rows jsonb);
      comment on column public.probe_row.status is 'As in the table. @values probe.status @notNull';
      comment on column public.probe_row.word is 'One of two. @values yes, no';
      comment on column public.probe_row.id is 'The id. @notNull';
      comment on column public.probe_row.rows is 'The rows. @notNull @list probe_row';
    `);
    expect(facts.slice(1)).toEqual([
      { relation: 'probe_row', name: 'status', values: ['open', 'closed'], isNotNull: true, isCopied: true },
      { relation: 'probe_row', name: 'word', values: ['yes', 'no'], isNotNull: false, isCopied: false },
      { relation: 'probe_row', name: 'id', isNotNull: true, isCopied: false },
      { relation: 'probe_row', name: 'rows', isNotNull: true, isCopied: false, listOf: 'probe_row' },
    ]);
  });

  it('a tag that names a column without a list is an error', async () => {
    await expect(
      factsAfter(`
        create type public.probe_row as (status text);
        comment on column public.probe_row.status is 'No such. @values probe.status';
      `),
    ).rejects.toThrow('The comment on probe_row.status names probe.status, which has no list of values');
  });
});
