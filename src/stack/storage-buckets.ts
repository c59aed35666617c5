import { z } from 'zod';
import { refusals, storageRefusal } from './storage-errors.ts';
import type { StorageFiles } from './storage-files.ts';
import { bytesOf, checkedBucket } from './storage-names.ts';
import type { StorageAct, StorageSession } from './storage-session.ts';

/** A bucket as the API shows it. */
export interface Bucket {
  id: string;
  name: string;
  owner: string;
  public: boolean;
  file_size_limit: number | null;
  allowed_mime_types: string[] | null;
  created_at: Date;
  updated_at: Date;
  type: string;
}

const settings = {
  public: z.boolean().optional(),
  file_size_limit: z.union([z.string(), z.number().int().nonnegative()]).nullish(),
  allowed_mime_types: z.array(z.string()).nullish(),
};

/** What makes a bucket. */
export const newBucketSchema = z.object({
  id: z.string().optional(),
  name: z.string(),
  type: z.literal('STANDARD').optional(),
  ...settings,
});

/** What changes one. */
export const bucketChangeSchema = z.object(settings);

/** What lists buckets: parameters of the address. */
export const bucketListSchema = z.object({
  search: z.string().default(''),
  limit: z.coerce.number().int().positive().max(10_000).default(10_000),
  offset: z.coerce.number().int().nonnegative().default(0),
  sortColumn: z.enum(['id', 'name', 'created_at', 'updated_at']).default('name'),
  sortOrder: z.enum(['asc', 'desc']).default('asc'),
});

const columns = `id, name, coalesce(owner_id, '') as owner, coalesce(public, false) as public,
  file_size_limit::double precision as file_size_limit, allowed_mime_types, created_at, updated_at, type`;

/** Buckets: who may do what with them is for the policies on storage.buckets to say. */
export interface StorageBuckets {
  list(act: StorageAct, wanted: z.infer<typeof bucketListSchema>): Promise<Bucket[]>;
  find(act: StorageAct, id: string): Promise<Bucket>;
  /** Finds it, whether the caller may see it or not. */
  findHidden(act: StorageAct, id: string): Promise<Bucket>;
  create(act: StorageAct, bucket: z.infer<typeof newBucketSchema>): Promise<{ name: string }>;
  change(act: StorageAct, id: string, change: z.infer<typeof bucketChangeSchema>): Promise<void>;
  empty(act: StorageAct, id: string): Promise<void>;
  remove(act: StorageAct, id: string): Promise<void>;
}

/**
 * Makes what serves `/bucket`.
 *
 * @param session the records
 * @param files the contents
 * @param sizeLimit the most bytes that any file may have, which no bucket may exceed
 */
export function storageBuckets(
  session: StorageSession,
  files: StorageFiles,
  sizeLimit: number,
): StorageBuckets {
  const limitOf = (wanted: string | number | null | undefined): number | null => {
    if (wanted == null) return null;
    const bytes = typeof wanted === 'number' ? wanted : bytesOf(wanted, 1000);
    if (bytes === undefined) throw refusals.invalidRequest('Invalid file size format');
    if (bytes > sizeLimit) throw refusals.tooLarge('bucket');
    return bytes;
  };
  const found = async (asked: Promise<{ rows: Bucket[] }>): Promise<Bucket> => {
    const [bucket] = (await asked).rows;
    if (!bucket) throw refusals.noBucket();
    return bucket;
  };
  const one = `select ${columns} from storage.buckets where id = $1`;

  return {
    list: (act, { search, limit, offset, sortColumn, sortOrder }) =>
      session.as(act, async (client) => {
        const { rows } = await client.query<Bucket>(
          `select ${columns} from storage.buckets
           where strpos(lower(name), lower($1)) > 0
           order by ${sortColumn} ${sortOrder}, id limit $2 offset $3`,
          [search, limit, offset],
        );
        return rows;
      }),

    find: (act, id) => session.as(act, (client) => found(client.query<Bucket>(one, [id]))),

    findHidden: (act, id) => session.asService(act, (client) => found(client.query<Bucket>(one, [id]))),

    async create(act, bucket) {
      const name = checkedBucket(bucket.name);
      const sub = act.caller.claims.sub ?? null;
      await session.as(act, (client) =>
        client.query(
          `insert into storage.buckets (id, name, public, file_size_limit, allowed_mime_types, owner_id, owner)
           values ($1, $2, $3, $4, $5, $6, $7)`,
          [
            checkedBucket(bucket.id ?? name),
            name,
            bucket.public ?? false,
            limitOf(bucket.file_size_limit),
            bucket.allowed_mime_types ?? null,
            sub,
            ownerOf(sub),
          ],
        ),
      );
      return { name };
    },

    async change(act, id, change) {
      const { rowCount } = await session.as(act, (client) =>
        client.query(
          `update storage.buckets set
             public = coalesce($2, public),
             file_size_limit = case when $3 then $4::bigint else file_size_limit end,
             allowed_mime_types = case when $5 then $6::text[] else allowed_mime_types end,
             updated_at = now()
           where id = $1`,
          [
            id,
            change.public ?? null,
            change.file_size_limit !== undefined,
            limitOf(change.file_size_limit),
            change.allowed_mime_types !== undefined,
            change.allowed_mime_types ?? null,
          ],
        ),
      );
      if (rowCount === 0) throw refusals.noBucket();
    },

    async empty(act, id) {
      const versions = await session.as(act, async (client) => {
        await found(client.query<Bucket>(one, [id]));
        const { rows } = await client.query<{ version: string | null }>(
          'delete from storage.objects where bucket_id = $1 returning version',
          [id],
        );
        const { rows: left } = await client.query<{ name: string }>(
          'select name from storage.objects where bucket_id = $1 order by name limit 10',
          [id],
        );
        if (left.length > 0) {
          const names = left.map((object) => object.name).join(', ');
          throw refusals.invalidRequest(
            `Cannot delete: ${names}, you may have SELECT but not DELETE permissions`,
          );
        }
        return rows.map((object) => object.version);
      });
      await files.remove(versions);
    },

    async remove(act, id) {
      await session.as(act, (client) => found(client.query<Bucket>(one, [id])));
      const { rowCount } = await session
        .as(act, (client) => client.query('delete from storage.buckets where id = $1', [id]))
        .catch((error: unknown) => {
          if ((error as { code?: string }).code !== '23503') throw error;
          throw storageRefusal(409, 'ResourceNotEmpty', 'The bucket you tried to delete is not empty');
        });
      if (rowCount === 0) throw refusals.noBucket();
    },
  };
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * What goes to the column `owner`, which is a UUID; `owner_id` takes any subject.
 *
 * @param sub the subject of the caller's token
 */
export function ownerOf(sub: string | null): string | null {
  return sub !== null && uuid.test(sub) ? sub : null;
}
