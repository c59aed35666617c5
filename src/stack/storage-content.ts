import { refusals } from './storage-errors.ts';
import type { StorageFiles } from './storage-files.ts';
import type { StoredObject } from './storage-objects.ts';

/** Answers that show objects. */
export interface StorageContent {
  /**
   * @param request says which part, and what the client has already
   * @param object what to show
   * @param options `find` finds it again when its file was replaced meanwhile; `expires` is the end of a signed address
   */
  answer(
    request: Request,
    object: StoredObject,
    options: { find: () => Promise<StoredObject>; expires?: Date },
  ): Promise<Response>;
  describe(object: StoredObject): Response;
}

interface FileFacts {
  size: number;
  etag: string;
  contentType: string;
  cacheControl: string;
  modified: Date;
}

function factsOf({ metadata, updated_at: updatedAt }: StoredObject): FileFacts {
  const { size, eTag, mimetype, cacheControl, lastModified } = metadata ?? {};
  const text = (value: unknown, otherwise: string) => (typeof value === 'string' ? value : otherwise);
  return {
    size: typeof size === 'number' ? size : 0,
    etag: text(eTag, ''),
    contentType: text(mimetype, 'application/octet-stream'),
    cacheControl: text(cacheControl, 'no-cache'),
    modified: typeof lastModified === 'string' ? new Date(lastModified) : updatedAt,
  };
}

/** The part that `Range` asks for: undefined for everything, null for one that there is not. */
function rangeOf(header: string | null, size: number): { start: number; end: number } | null | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === undefined || last === undefined || first + last === '') return undefined;
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return start > end ? null : { start, end };
}

function disposition(request: Request): Record<string, string> {
  const name = new URL(request.url).searchParams.get('download');
  if (name === null) return {};
  const encoded = encodeURIComponent(name);
  const file = name === '' ? '' : ` filename=${encoded}; filename*=UTF-8''${encoded};`;
  return { 'content-disposition': `attachment;${file}` };
}

/**
 * Makes the answers that show objects.
 *
 * @param files their contents
 */
export function storageContent(files: StorageFiles): StorageContent {
  const answer: StorageContent['answer'] = async (request, object, options) => {
    const { size, etag, contentType, cacheControl, modified } = factsOf(object);
    const headers = new Headers({
      'accept-ranges': 'bytes',
      etag,
      'last-modified': modified.toUTCString(),
      // A page of a stranger would be one of this address.
      'content-type': contentType.includes('text/html') ? 'text/plain' : contentType,
      ...(options.expires ? { expires: options.expires.toUTCString() } : { 'cache-control': cacheControl }),
      ...disposition(request),
    });
    if (etag !== '' && request.headers.get('if-none-match') === etag) {
      return new Response(null, { status: 304, headers });
    }
    const range = rangeOf(request.headers.get('range'), size);
    if (range === null) {
      headers.set('content-range', `bytes */${size}`);
      return new Response(null, { status: 416, headers });
    }
    if (range) headers.set('content-range', `bytes ${range.start}-${range.end}/${size}`);
    headers.set('content-length', String(range ? range.end - range.start + 1 : size));
    const status = range ? 206 : 200;
    if (request.method === 'HEAD') return new Response(null, { status, headers });

    const content = object.version === null ? undefined : await files.read(object.version, range);
    if (content) return new Response(content, { status, headers });
    const again = await options.find();
    if (again.version === object.version) throw refusals.noObject();
    return answer(request, again, options);
  };

  return {
    answer,
    describe(object) {
      const { size, etag, contentType, cacheControl, modified } = factsOf(object);
      return Response.json({
        id: object.id,
        name: object.name,
        version: object.version,
        bucket_id: object.bucket_id,
        size,
        content_type: contentType,
        cache_control: cacheControl,
        etag,
        metadata: object.user_metadata,
        last_modified: modified.toISOString(),
        created_at: object.created_at,
      });
    },
  };
}
