import { createHash, randomUUID } from 'node:crypto';
import { constants, createWriteStream } from 'node:fs';
import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { refusals } from './storage-errors.ts';

/** A file that was written. */
export interface WrittenFile {
  /** Its name on the disk, and the version of the object that it is the content of. */
  version: string;
  size: number;
  etag: string;
}

/** The contents of objects. */
export interface StorageFiles {
  /**
   * @param content null for an empty file
   * @param limit the most bytes it may have
   * @throws a refusal when it has more
   */
  write(content: ReadableStream<Uint8Array> | null, limit: number): Promise<WrittenFile>;
  /**
   * @param range the first and the last byte wanted; all of them unless given
   * @returns undefined when there is no such file
   */
  read(
    version: string,
    range?: { start: number; end: number },
  ): Promise<ReadableStream<Uint8Array> | undefined>;
  /** @returns the copy's version; undefined when there is no such file */
  copy(version: string): Promise<string | undefined>;
  remove(versions: (string | null)[]): Promise<void>;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/**
 * Keeps files in a folder, each named by its version: a name that somebody chose never becomes a path. A file never
 * changes, so that who reads it is not disturbed by a new version.
 *
 * @param directory is made where it is missing
 */
export async function storageFiles(directory: string): Promise<StorageFiles> {
  // What was being written when the stack ended.
  const incoming = join(directory, 'incoming');
  await rm(incoming, { recursive: true, force: true });
  await mkdir(incoming, { recursive: true, mode: 0o700 });

  // A row that was not made through here may say anything.
  const pathOf = (version: string) => (uuid.test(version) ? join(directory, version) : undefined);

  return {
    async write(content, limit) {
      const version = randomUUID();
      const draft = join(incoming, version);
      const hash = createHash('md5');
      let size = 0;
      try {
        await pipeline(
          content === null ? Readable.from([]) : Readable.fromWeb(content as NodeReadableStream<Uint8Array>),
          async function* (chunks: AsyncIterable<Uint8Array>) {
            for await (const chunk of chunks) {
              size += chunk.byteLength;
              // Read to the end all the same: who still sends does not hear the answer.
              if (size > limit) continue;
              hash.update(chunk);
              yield chunk;
            }
            if (size > limit) throw refusals.tooLarge();
          },
          createWriteStream(draft, { mode: 0o600 }),
        );
        await rename(draft, join(directory, version));
      } catch (error) {
        await rm(draft, { force: true });
        throw error;
      }
      return { version, size, etag: `"${hash.digest('hex')}"` };
    },

    async read(version, range) {
      const path = pathOf(version);
      if (path === undefined) return undefined;
      try {
        const file = await open(path);
        return Readable.toWeb(file.createReadStream(range)) as ReadableStream<Uint8Array>;
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },

    async copy(version) {
      const path = pathOf(version);
      if (path === undefined) return undefined;
      const copied = randomUUID();
      try {
        await copyFile(path, join(directory, copied), constants.COPYFILE_FICLONE);
        return copied;
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw error;
      }
    },

    async remove(versions) {
      for (const version of versions) {
        const path = version === null ? undefined : pathOf(version);
        if (path !== undefined) await rm(path, { force: true });
      }
    },
  };
}
