import fc from 'fast-check';
import type pg from 'pg';
import { z } from 'zod';

/** How a check is run. */
export type Options = Pick<fc.Parameters<unknown>, 'numRuns' | 'seed' | 'endOnFailure'>;

/** A deliberate break of the database that a property must notice. */
export interface Break {
  name: string;
  /** Makes it, as the superuser, inside the transaction that the property is then checked in. */
  apply: string | ((client: pg.ClientBase) => Promise<unknown>);
}

/** Something that holds whatever the input, and how one sees that the check of it can fail. */
export interface Property {
  /** As the specification lists it. */
  name: string;
  /**
   * Throws, with fast-check's report, when the property does not hold.
   *
   * @param client a superuser's connection, inside a transaction, that has become role postgres
   */
  check: (client: pg.ClientBase, options: Options) => Promise<void>;
  breaks: Break[];
}

/** Checks a predicate for generated inputs. Each run begins with the same database, and leaves nothing. */
export async function holds<T>(
  client: pg.ClientBase,
  options: Options,
  input: fc.Arbitrary<T>,
  predicate: (input: T) => Promise<void>,
): Promise<void> {
  const property = fc.asyncProperty(input, async (value) => {
    await client.query('savepoint run');
    try {
      await predicate(value);
    } finally {
      await client.query('rollback to savepoint run');
      await client.query('release savepoint run');
    }
  });
  await fc.assert(property, options);
}

/** The rows of a statement. */
export async function rowsOf<Row extends pg.QueryResultRow>(
  client: pg.ClientBase,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  return (await client.query<Row>(text, values)).rows;
}

/** The one value that a statement returns. */
export async function valueOf<T>(client: pg.ClientBase, text: string, values: unknown[] = []): Promise<T> {
  const { rows } = await client.query<[T]>({ text, values, rowMode: 'array' });
  const value = rows[0]?.[0];
  if (value === undefined) throw new Error(`No value from: ${text}`);
  return value;
}

const databaseError = z.object({ code: z.string().length(5) });

/**
 * What became of a statement: null when it ran, else the SQLSTATE of its error. What a failed statement did is undone.
 */
export async function outcomeOf(
  client: pg.ClientBase,
  text: string,
  values: unknown[] = [],
): Promise<string | null> {
  await client.query('savepoint outcome');
  try {
    await client.query(text, values);
    return null;
  } catch (error) {
    await client.query('rollback to savepoint outcome');
    return databaseError.parse(error).code;
  } finally {
    await client.query('release savepoint outcome');
  }
}

/** Runs statements with triggers and foreign keys asleep, as rows get damaged in a restore. */
export async function pastTheRules(client: pg.ClientBase, work: () => Promise<unknown>): Promise<void> {
  await client.query('set local role none; set local session_replication_role = replica');
  await work();
  await client.query('set local session_replication_role = origin; set local role postgres');
}

/** A break that edits the body of a function; it cannot be applied to a function that no longer has the text. */
export function edit(signature: string, ...changes: [from: string, to: string][]) {
  return async (client: pg.ClientBase): Promise<void> => {
    let definition = await valueOf<string>(client, 'select pg_get_functiondef($1::regprocedure)', [
      signature,
    ]);
    for (const [from, to] of changes) {
      if (!definition.includes(from)) throw new Error(`${signature} does not contain: ${from}`);
      definition = definition.replaceAll(from, () => to);
    }
    await client.query(definition);
  };
}

/** A break made of several. */
export function all(...steps: Break['apply'][]) {
  return async (client: pg.ClientBase): Promise<void> => {
    for (const step of steps) await (typeof step === 'string' ? client.query(step) : step(client));
  };
}
