import { z } from 'zod';
import type { Job, WorkerContext } from './worker.ts';

/** The payload of a job of kind `bookings.delete_documents`. */
export const deleteDocumentsJob = z.looseObject({ organization_id: z.string().regex(/^[A-Z0-9]{8,9}$/) });

const pageSize = 100;

/**
 * Removes all documents of an organization that was deleted: what is in Storage does not go with its rows. One that exists
 * keeps them.
 *
 * @throws when Storage does not answer; coming again, it goes on with what is left
 */
export async function deleteDocuments(
  { payload: { organization_id } }: Job<z.infer<typeof deleteDocumentsJob>>,
  { client, signal }: WorkerContext,
): Promise<void> {
  const { data: organization, error } = await client
    .from('organizations')
    .select('id')
    .eq('id', organization_id)
    .maybeSingle();
  if (error) throw new Error(error.message);
  if (organization !== null) return;
  const bucket = client.supabase.storage.from('documents');

  const removeFolder = async (folder: string): Promise<void> => {
    let before = '';
    for (;;) {
      signal.throwIfAborted();
      // Always the first page: what was on it is gone, and what comes next has taken its place.
      const { data: entries, error: unread } = await bucket.list(folder, { limit: pageSize });
      if (unread) throw new Error(`The documents were not listed: ${unread.message}`, { cause: unread });
      if (entries.length === 0) return;
      const paths = entries.map(({ name }) => `${folder}/${name}`);
      if (paths.join() === before) throw new Error('Some documents were not removed.');
      before = paths.join();
      // A folder has no id of its own.
      const files = entries.filter(({ id }) => id !== null).map(({ name }) => `${folder}/${name}`);
      for (const path of paths.filter((each) => !files.includes(each))) await removeFolder(path);
      if (files.length === 0) continue;
      const { error: kept } = await bucket.remove(files);
      if (kept) throw new Error(`The documents were not removed: ${kept.message}`, { cause: kept });
    }
  };
  await removeFolder(organization_id);
}
