import type pg from 'pg';
import { z } from 'zod';
import { ownerOf, type StorageBuckets } from './storage-buckets.ts';
import { refusals } from './storage-errors.ts';
import type { StorageFiles } from './storage-files.ts';
import { checkedKey } from './storage-names.ts';
import type { StorageAct, StorageSession } from './storage-session.ts';
import { readUpload } from './storage-uploads.ts';

/** Where an object is. */
export interface Place {
  bucket: string;
  key: string;
}

/** An object, as its row has it. */
export interface StoredObject {
  id: string;
  name: string;
  bucket_id: string;
  version: string | null;
  metadata: Record<string, unknown> | null;
  user_metadata: Record<string, unknown> | null;
  created_at: Date;
  updated_at: Date;
  last_accessed_at: Date;
}

/** What asks for the contents of a folder. */
export const listSchema = z.object({
  prefix: z.string().default(''),
  search: z.string().default(''),
  limit: z
    .number()
    .int()
    .positive()
    .default(100)
    .transform((wanted) => Math.min(wanted, 1500)),
  offset: z.number().int().nonnegative().default(0),
  sortBy: z
    .object({
      column: z.enum(['name', 'updated_at', 'created_at', 'last_accessed_at']).catch('name'),
      order: z.enum(['asc', 'desc']).catch('asc'),
    })
    .partial()
    .prefault({}),
});

/** What moves or copies an object. */
export const transferSchema = z.object({
  bucketId: z.string(),
  sourceKey: z.string(),
  destinationKey: z.string(),
  destinationBucket: z.string().optional(),
});

/** Files: who may do what with them is for the policies on storage.objects to say. */
export interface StorageObjects {
  /** Takes a file in; `signed` by whom, when a signed address allows it. */
  upload(
    act: StorageAct,
    place: Place,
    options: { upsert: boolean; signed?: { owner: string | null } },
  ): Promise<string>;
  /** Whether the caller may upload: refuses when not. */
  mayUpload(act: StorageAct, place: Place, upsert: boolean): Promise<void>;
  /** Finds what the caller may read. */
  find(act: StorageAct, place: Place): Promise<StoredObject>;
  /** Finds it, whether the caller may read it or not. */
  findHidden(act: StorageAct, place: Place): Promise<StoredObject>;
  /** Of several, those that the caller may read. */
  readable(act: StorageAct, bucket: string, keys: string[]): Promise<Set<string>>;
  list(act: StorageAct, bucket: string, wanted: z.infer<typeof listSchema>): Promise<object[]>;
  remove(act: StorageAct, bucket: string, keys: string[]): Promise<StoredObject[]>;
  move(act: StorageAct, from: Place, to: Place): Promise<{ Id: string; Key: string }>;
  copy(act: StorageAct, from: Place, to: Place, upsert: boolean): Promise<{ Id: string; Key: string }>;
}

/** What a row says of its file. */
interface FileRecord {
  version: string;
  metadata: object;
  userMetadata: object | null;
  sub: string | null;
}

/** @returns whether it is a new row; false where one was replaced */
async function write(
  client: pg.ClientBase,
  { bucket, key }: Place,
  record: FileRecord,
  upsert: boolean,
): Promise<boolean> {
  const { rows } = await client.query<{ is_new: boolean }>(
    `insert into storage.objects (bucket_id, name, owner, owner_id, version, metadata, user_metadata)
     values ($1, $2, $3, $4, $5, $6, $7)
     ${
       // Reads the row as well, as Supabase does: replacing takes the rights to see and to change it.
       upsert
         ? `on conflict (bucket_id, name) do update set
              owner = excluded.owner, owner_id = excluded.owner_id, version = excluded.version,
              metadata = excluded.metadata, user_metadata = excluded.user_metadata
            returning xmax = 0 as is_new`
         : ''
     }`,
    [bucket, key, ownerOf(record.sub), record.sub, record.version, record.metadata, record.userMetadata],
  );
  return rows[0]?.is_new ?? true;
}

const one = 'select * from storage.objects where bucket_id = $1 and name = $2';

async function found(asked: Promise<{ rows: StoredObject[] }>): Promise<StoredObject> {
  const [object] = (await asked).rows;
  if (!object) throw refusals.noObject();
  return object;
}

/**
 * Makes what serves `/object`.
 *
 * @param session the records
 * @param files the contents
 * @param buckets the buckets
 * @param sizeLimit the most bytes that any file may have
 */
export function storageObjects(
  session: StorageSession,
  files: StorageFiles,
  buckets: StorageBuckets,
  sizeLimit: number,
): StorageObjects {
  /**
   * Makes the row of a file that is there, and removes the file that it replaces, or itself where it cannot be.
   *
   * @param allowed asks whether the caller may, which was true when the file began to come in: what is there by then may
   *   be what the caller may not replace
   */
  const settle = async (
    act: StorageAct,
    place: Place,
    record: FileRecord,
    { upsert, isNew, allowed }: { upsert: boolean; isNew: boolean; allowed: () => Promise<boolean> },
  ): Promise<string> => {
    const asked = [place.bucket, place.key];
    const attempt = (expectsNew: boolean) =>
      session.asService(act, async (client) => {
        // Two that replace one file come one after the other: each knows which file it replaces.
        await client.query(`select pg_advisory_xact_lock(hashtextextended($1 || '/' || $2, 0))`, asked);
        const before = await client.query<StoredObject>(`${one} for update`, asked);
        if (upsert && expectsNew && before.rows.length > 0) return undefined;
        await write(client, place, record, upsert);
        const { id } = await found(client.query<StoredObject>(one, asked));
        return { id, replaced: before.rows.map((object) => object.version) };
      });
    try {
      let settled = await attempt(isNew);
      while (!settled) settled = await attempt(await allowed());
      await files.remove(settled.replaced);
      return settled.id;
    } catch (error) {
      await files.remove([record.version]);
      throw error;
    }
  };

  const mayWrite = (act: StorageAct, place: Place, record: Omit<FileRecord, 'version'>, upsert: boolean) =>
    session.attempt(act, (client) => write(client, place, { ...record, version: '1' }, upsert));

  return {
    async upload(act, place, { upsert, signed }) {
      checkedKey(place.key);
      const bucket = await buckets.findHidden(act, place.bucket);
      const limit = Math.min(bucket.file_size_limit ?? sizeLimit, sizeLimit);
      const upload = await readUpload(act.request, limit, bucket.allowed_mime_types);
      const sub = signed ? signed.owner : (act.caller.claims.sub ?? null);
      const { userMetadata, contentType: mimetype, cacheControl } = upload;
      const announced = { mimetype, ...(upload.size === undefined ? {} : { contentLength: upload.size }) };
      // Who signed the address was asked when it was signed.
      const allowed = () =>
        signed
          ? Promise.resolve(false)
          : mayWrite(act, place, { metadata: announced, userMetadata, sub }, upsert);
      const isNew = await allowed();
      const { version, size, etag } = await files.write(upload.content, limit);
      const metadata = {
        eTag: etag,
        size,
        mimetype,
        cacheControl,
        lastModified: new Date().toISOString(),
        contentLength: size,
        httpStatusCode: 200,
      };
      return settle(act, place, { version, metadata, userMetadata, sub }, { upsert, isNew, allowed });
    },

    async mayUpload(act, place, upsert) {
      checkedKey(place.key);
      const sub = act.caller.claims.sub ?? null;
      await mayWrite(act, place, { metadata: {}, userMetadata: null, sub }, upsert);
    },

    find: (act, { bucket, key }) =>
      session.as(act, (client) => found(client.query<StoredObject>(one, [bucket, checkedKey(key)]))),

    findHidden: (act, { bucket, key }) =>
      session.asService(act, (client) => found(client.query<StoredObject>(one, [bucket, checkedKey(key)]))),

    readable: (act, bucket, keys) =>
      session.as(act, async (client) => {
        const { rows } = await client.query<{ name: string }>(
          'select name from storage.objects where bucket_id = $1 and name = any ($2::text[])',
          [bucket, keys],
        );
        return new Set(rows.map((object) => object.name));
      }),

    list: (act, bucket, { prefix, search, limit, offset, sortBy }) =>
      session.as(act, async (client) => {
        const folder = prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`;
        const { column = 'name', order = 'asc' } = sortBy;
        const { rows } = await client.query<object>(
          `with inside as (
             select *, substr(objects.name, length($2) + 1) as rest
             from storage.objects
             where bucket_id = $1 and starts_with(lower(objects.name), lower($2 || $3))
           ),
           entries as (
             select split_part(rest, '/', 1) as name, null::uuid as id, null::timestamptz as updated_at,
               null::timestamptz as created_at, null::timestamptz as last_accessed_at, null::jsonb as metadata
             from inside where strpos(rest, '/') > 0 group by 1
             union all
             select rest, id, updated_at, created_at, last_accessed_at, metadata
             from inside where strpos(rest, '/') = 0
           )
           select name, id, updated_at, created_at, last_accessed_at, metadata from entries
           order by ${column === 'name' ? '' : `id is not null, ${column} ${order},`} lower(name) collate "C" ${order}
           limit $4 offset $5`,
          [bucket, folder, search, limit, offset],
        );
        return rows;
      }),

    async remove(act, bucket, keys) {
      const removed = await session.as(act, async (client) => {
        const { rows } = await client.query<StoredObject>(
          'delete from storage.objects where bucket_id = $1 and name = any ($2::text[]) returning *',
          [bucket, keys],
        );
        return rows;
      });
      await files.remove(removed.map((object) => object.version));
      return removed;
    },

    async move(act, from, to) {
      checkedKey(to.key);
      const owner = act.caller.claims.sub ?? null;
      const rename = (client: pg.ClientBase) =>
        found(
          client.query<StoredObject>(
            `update storage.objects set bucket_id = $3, name = $4, owner = $5, owner_id = $6
             where bucket_id = $1 and name = $2 returning *`,
            [from.bucket, from.key, to.bucket, to.key, ownerOf(owner), owner],
          ),
        );
      await session.attempt(act, rename);
      const { id } = await session.asService(act, rename);
      return { Id: id, Key: `${to.bucket}/${to.key}` };
    },

    async copy(act, from, to, upsert) {
      checkedKey(to.key);
      const source = await this.find(act, from);
      const sub = act.caller.claims.sub ?? null;
      const record = { metadata: source.metadata ?? {}, userMetadata: source.user_metadata, sub };
      const allowed = () => mayWrite(act, to, record, upsert);
      const isNew = await allowed();
      const version = source.version === null ? undefined : await files.copy(source.version);
      if (version === undefined) throw refusals.noObject();
      const id = await settle(act, to, { ...record, version }, { upsert, isNew, allowed });
      return { Id: id, Key: `${to.bucket}/${to.key}` };
    },
  };
}
