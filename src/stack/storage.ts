import { z } from 'zod';
import { identify, type Caller, type Keys } from './callers.ts';
import { bucketChangeSchema, bucketListSchema, newBucketSchema, storageBuckets } from './storage-buckets.ts';
import { storageContent } from './storage-content.ts';
import { refusals, storageAnswer } from './storage-errors.ts';
import { storageFiles } from './storage-files.ts';
import { listSchema, storageObjects, transferSchema, type Place } from './storage-objects.ts';
import { storageSession, type StorageAct } from './storage-session.ts';
import { signatures } from './storage-signatures.ts';

/** The storage server: answers under `/storage/v1`. */
export interface StorageApi {
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
}

/** What {@link startStorage} needs. */
export interface StorageOptions {
  /** Connection string of `authenticator`, under which requests run. */
  url: string;
  /** Where the files are kept. */
  directory: string;
  keys: Keys;
  /** The most bytes that a file may have. */
  sizeLimit: number;
  log: (line: string) => void;
}

/** A request that found its route. */
interface Call {
  act: StorageAct;
  query: URLSearchParams;
  /** The bucket and the key of the address; empty where the route has none. */
  place: Place;
}

interface Route {
  method: string;
  /** Literal segments, `:bucket` for one segment, `*` for the rest, at least one. */
  path: string;
  /** What `storage.operation()` says, without `storage.`. */
  operation: string;
  /** Answers without a key or token: the address itself is what allows it, or the bucket is public. */
  isOpen?: true;
  answer(call: Call): Promise<Response>;
}

const prefix = '/storage/v1/';
/** As on Supabase: a signed address for an upload is good for two hours. */
const signedUploadSeconds = 2 * 60 * 60;
const longestJson = 1024 * 1024;

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw refusals.invalidKey(segment);
  }
}

/** The bucket and key of an address that a route serves; undefined for another address. */
function match(path: string, segments: string[]): Place | undefined {
  const place: Place = { bucket: '', key: '' };
  const pattern = path.split('/');
  if (pattern.at(-1) !== '*' && pattern.length !== segments.length) return undefined;
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index];
    if (segment === undefined) return undefined;
    if (part === '*') {
      place.key = segments.slice(index).map(decoded).join('/');
      return place.key === '' ? undefined : place;
    }
    if (part === ':bucket') place.bucket = decoded(segment);
    else if (part !== segment) return undefined;
  }
  return place;
}

function checked<T extends z.ZodType>(schema: T, value: unknown): z.infer<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refusals.invalidRequest(z.prettifyError(parsed.error));
}

async function bodyOf<T extends z.ZodType>(request: Request, schema: T): Promise<z.infer<T>> {
  const size = Number(request.headers.get('content-length') ?? Number.NaN);
  if (!(size <= longestJson))
    throw refusals.invalidRequest('The body is too long, or its length is not known');
  let body: unknown;
  try {
    body = await request.json();
  } catch {
    throw refusals.invalidRequest('The body is no JSON');
  }
  return checked(schema, body);
}

async function callerOf(request: Request, keys: Keys, isOpen: boolean): Promise<Caller> {
  const anonymous: Caller = { role: 'anon', claims: { role: 'anon' }, known: false };
  if (isOpen) return anonymous;
  const caller = await identify(request, keys);
  if ('message' in caller) throw refusals.accessDenied(caller.message);
  return caller;
}

const signSchema = z.object({ expiresIn: z.number().int().positive().max(3_153_600_000) });
const manySchema = z.object({ paths: z.array(z.string()).max(1000) });
const removeSchema = z.object({ prefixes: z.array(z.string()).min(1).max(1000) });

function notServed({ method, url }: Request): Response {
  const message = `Route ${method}:${new URL(url).pathname} not found`;
  return Response.json({ statusCode: '404', error: 'Not Found', message }, { status: 404 });
}

/** Reads what is left of a request that is refused: a client that is still sending would find the connection cut. */
async function discard({ body, bodyUsed }: Request): Promise<void> {
  if (body === null || bodyUsed || body.locked) return;
  await body.pipeTo(new WritableStream()).catch(() => undefined);
}

/**
 * Starts the storage server: records in the schema `storage`, files in a folder. It answers supabase-js as Supabase's
 * does, and acts as the caller, so that the policies on storage.objects and storage.buckets decide. Nobody is more than
 * their token or key says.
 *
 * @param options connection, folder, keys and limits
 */
export async function startStorage(options: StorageOptions): Promise<StorageApi> {
  const { keys, sizeLimit, log } = options;
  const files = await storageFiles(options.directory);
  const session = storageSession(options.url, log);
  const buckets = storageBuckets(session, files, sizeLimit);
  const objects = storageObjects(session, files, buckets, sizeLimit);
  const content = storageContent(files);
  const signed = signatures(keys.jwtSecret);

  const wantsUpsert = (request: Request) => request.headers.get('x-upsert') === 'true';
  const upload = async ({ act, place }: Call, upsert: boolean) => {
    const id = await objects.upload(act, place, { upsert });
    return Response.json({ Key: `${place.bucket}/${place.key}`, Id: id });
  };
  /** Finds what may be read through the address of a bucket: in a public one, everything. */
  const readable = async ({ act, place }: Call) => {
    const bucket = await buckets.findHidden(act, place.bucket);
    if (bucket.public) return objects.findHidden(act, place);
    // Who says nothing is told nothing, not even which buckets there are.
    if (!act.caller.known) throw refusals.noBucket();
    return objects.find(act, place);
  };
  const inPublic = async ({ act, place }: Call) => {
    const bucket = await buckets.findHidden(act, place.bucket);
    if (!bucket.public) throw refusals.noBucket();
    return objects.findHidden(act, place);
  };
  const download = async (call: Call) =>
    content.answer(call.act.request, await readable(call), { find: () => readable(call) });
  const info = async (call: Call) => content.describe(await readable(call));

  const routes: Route[] = [
    {
      method: 'GET',
      path: 'bucket',
      operation: 'bucket.list',
      answer: async ({ act, query }) =>
        Response.json(await buckets.list(act, checked(bucketListSchema, Object.fromEntries(query)))),
    },
    {
      method: 'POST',
      path: 'bucket',
      operation: 'bucket.create',
      answer: async ({ act }) =>
        Response.json(await buckets.create(act, await bodyOf(act.request, newBucketSchema))),
    },
    {
      method: 'GET',
      path: 'bucket/:bucket',
      operation: 'bucket.get',
      answer: async ({ act, place }) => Response.json(await buckets.find(act, place.bucket)),
    },
    {
      method: 'PUT',
      path: 'bucket/:bucket',
      operation: 'bucket.update',
      async answer({ act, place }) {
        await buckets.change(act, place.bucket, await bodyOf(act.request, bucketChangeSchema));
        return Response.json({ message: 'Successfully updated' });
      },
    },
    {
      method: 'POST',
      path: 'bucket/:bucket/empty',
      operation: 'bucket.empty',
      async answer({ act, place }) {
        await buckets.empty(act, place.bucket);
        return Response.json({ message: 'Successfully emptied' });
      },
    },
    {
      method: 'DELETE',
      path: 'bucket/:bucket',
      operation: 'bucket.delete',
      async answer({ act, place }) {
        await buckets.remove(act, place.bucket);
        return Response.json({ message: 'Successfully deleted' });
      },
    },
    {
      method: 'GET',
      path: 'object/public/:bucket/*',
      operation: 'object.get_public',
      isOpen: true,
      answer: async (call) =>
        content.answer(call.act.request, await inPublic(call), { find: () => inPublic(call) }),
    },
    {
      method: 'GET',
      path: 'object/info/public/:bucket/*',
      operation: 'object.get_public_info',
      isOpen: true,
      answer: async (call) => content.describe(await inPublic(call)),
    },
    {
      method: 'GET',
      path: 'object/info/authenticated/:bucket/*',
      operation: 'object.get_authenticated_info',
      answer: info,
    },
    {
      method: 'GET',
      path: 'object/info/:bucket/*',
      operation: 'object.get_authenticated_info',
      answer: info,
    },
    {
      method: 'GET',
      path: 'object/sign/:bucket/*',
      operation: 'object.get_signed',
      isOpen: true,
      async answer({ act, place, query }) {
        const { expires } = await signed.verify(
          query.get('token') ?? '',
          'download',
          `${place.bucket}/${place.key}`,
        );
        const find = () => objects.findHidden(act, place);
        return content.answer(act.request, await find(), { find, expires });
      },
    },
    {
      method: 'PUT',
      path: 'object/upload/sign/:bucket/*',
      operation: 'object.upload_signed',
      isOpen: true,
      async answer({ act, place, query }) {
        const url = `${place.bucket}/${place.key}`;
        const { upsert, owner = null } = await signed.verify(query.get('token') ?? '', 'upload', url);
        await objects.upload(act, place, { upsert, signed: { owner } });
        return Response.json({ Key: url });
      },
    },
    {
      method: 'POST',
      path: 'object/upload/sign/:bucket/*',
      operation: 'object.sign_upload_url',
      async answer({ act, place }) {
        const upsert = wantsUpsert(act.request);
        await objects.mayUpload(act, place, upsert);
        const url = `${place.bucket}/${place.key}`;
        const { sub: owner } = act.caller.claims;
        const token = await signed.sign(
          { kind: 'upload', url, upsert, ...(owner === undefined ? {} : { owner }) },
          signedUploadSeconds,
        );
        return Response.json({ url: `/object/upload/sign/${url}?token=${token}`, token });
      },
    },
    {
      method: 'POST',
      path: 'object/sign/:bucket/*',
      operation: 'object.sign',
      async answer({ act, place }) {
        const { expiresIn } = await bodyOf(act.request, signSchema);
        await objects.find(act, place);
        const url = `${place.bucket}/${place.key}`;
        const token = await signed.sign({ kind: 'download', url }, expiresIn);
        // Not encoded: supabase-js does that.
        return Response.json({ signedURL: `/object/sign/${url}?token=${token}` });
      },
    },
    {
      method: 'POST',
      path: 'object/sign/:bucket',
      operation: 'object.sign_many',
      async answer({ act, place: { bucket } }) {
        const { expiresIn, paths } = await bodyOf(act.request, signSchema.extend(manySchema.shape));
        const may = await objects.readable(act, bucket, paths);
        const answers = paths.map(async (path) => {
          if (!may.has(path)) {
            const error = 'Either the object does not exist or you do not have access to it';
            return { error, path, signedURL: null };
          }
          const url = `${bucket}/${path}`;
          const token = await signed.sign({ kind: 'download', url }, expiresIn);
          return { error: null, path, signedURL: `/object/sign/${url}?token=${token}` };
        });
        return Response.json(await Promise.all(answers));
      },
    },
    {
      method: 'POST',
      path: 'object/list/:bucket',
      operation: 'object.list',
      answer: async ({ act, place }) =>
        Response.json(await objects.list(act, place.bucket, await bodyOf(act.request, listSchema))),
    },
    {
      method: 'POST',
      path: 'object/move',
      operation: 'object.move',
      async answer({ act }) {
        const wanted = await bodyOf(act.request, transferSchema);
        const { bucketId: bucket, sourceKey: key, destinationBucket = bucket, destinationKey } = wanted;
        const moved = await objects.move(
          act,
          { bucket, key },
          { bucket: destinationBucket, key: destinationKey },
        );
        return Response.json({ message: 'Successfully moved', ...moved });
      },
    },
    {
      method: 'POST',
      path: 'object/copy',
      operation: 'object.copy',
      async answer({ act }) {
        const wanted = await bodyOf(act.request, transferSchema);
        const { bucketId: bucket, sourceKey: key, destinationBucket = bucket, destinationKey } = wanted;
        const to = { bucket: destinationBucket, key: destinationKey };
        return Response.json(await objects.copy(act, { bucket, key }, to, wantsUpsert(act.request)));
      },
    },
    {
      method: 'GET',
      path: 'object/authenticated/:bucket/*',
      operation: 'object.get_authenticated',
      answer: download,
    },
    { method: 'GET', path: 'object/:bucket/*', operation: 'object.get_authenticated', answer: download },
    {
      method: 'POST',
      path: 'object/:bucket/*',
      operation: 'object.upload',
      answer: (call) => upload(call, wantsUpsert(call.act.request)),
    },
    {
      method: 'PUT',
      path: 'object/:bucket/*',
      operation: 'object.upload_update',
      answer: (call) => upload(call, true),
    },
    {
      method: 'DELETE',
      path: 'object/:bucket',
      operation: 'object.delete_many',
      async answer({ act, place }) {
        const { prefixes } = await bodyOf(act.request, removeSchema);
        return Response.json(await objects.remove(act, place.bucket, prefixes));
      },
    },
    {
      method: 'DELETE',
      path: 'object/:bucket/*',
      operation: 'object.delete',
      async answer({ act, place }) {
        const [removed] = await objects.remove(act, place.bucket, [place.key]);
        if (!removed) throw refusals.noObject();
        return Response.json({ message: 'Successfully deleted' });
      },
    },
  ];

  const answer = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    if (!url.pathname.startsWith(prefix)) return notServed(request);
    const segments = url.pathname.slice(prefix.length).split('/');
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    for (const route of routes) {
      const place = route.method === method ? match(route.path, segments) : undefined;
      if (!place) continue;
      const caller = await callerOf(request, keys, route.isOpen ?? false);
      // On Supabase a download says so itself; everything else wants to know who asks.
      if (!caller.known && !route.isOpen && route.answer !== download) {
        throw refusals.invalidRequest(`headers must have required property 'authorization'`);
      }
      const act = { caller, operation: `storage.${route.operation}`, request };
      return route.answer({ act, query: url.searchParams, place });
    }
    return notServed(request);
  };

  return {
    fetch: (request) =>
      answer(request).catch(async (error: unknown) => {
        await discard(request);
        return storageAnswer(error, log);
      }),
    close: () => session.close(),
  };
}
