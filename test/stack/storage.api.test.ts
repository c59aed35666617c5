import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@supabase/supabase-js';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import ws from 'ws';
import { type Stack, startStack } from '../../src/stack/start.ts';
import { signatures } from '../../src/stack/storage-signatures.ts';
import { useStack } from '../support/stack.ts';
import { asSuperuser, eventually } from './clients.ts';

const functionsDirectory = await mkdtemp(join(tmpdir(), 'rowhouse-storage-functions-'));
// Functions find their imports from where they lie.
await symlink(
  fileURLToPath(new URL('../../node_modules', import.meta.url)),
  join(functionsDirectory, 'node_modules'),
);
await mkdir(join(functionsDirectory, 'keeper'));
await writeFile(
  join(functionsDirectory, 'keeper', 'index.ts'),
  `import { createClient } from '@supabase/supabase-js';
   Deno.serve(async (request) => {
     const { path } = await request.json();
     const storage = createClient(Deno.env.get('SUPABASE_URL')!, Deno.env.get('SUPABASE_SERVICE_ROLE_KEY')!).storage
       .from('papers');
     const kept = await storage.upload(path, new Uint8Array([37, 80, 68, 70]), { contentType: 'application/pdf' });
     const read = await storage.download(path);
     return Response.json({ error: kept.error ?? read.error, text: await read.data?.text(), type: read.data?.type });
   });`,
);
afterAll(() => rm(functionsDirectory, { recursive: true, force: true }));

const stack = useStack({ functionsDirectory });

/** Two organizations with a member each, and somebody who is in none. */
const acme = randomUUID();
const globex = randomUUID();
const ada = randomUUID();
const grace = randomUUID();
const stranger = randomUUID();

const policies = `
  set role postgres;
  create table public.test_memberships (organization_id uuid, user_id uuid, primary key (user_id, organization_id));
  grant select on public.test_memberships to authenticated;
  insert into public.test_memberships values ('${acme}', '${ada}'), ('${globex}', '${grace}');
  create function public.test_folders() returns text[] language sql stable set search_path = ''
  return array(select organization_id::text from public.test_memberships where user_id = (select auth.uid()));
  revoke all on function public.test_folders() from public, anon;
  grant execute on function public.test_folders() to authenticated;
  create policy "members read their organization's documents" on storage.objects for select to authenticated
    using (bucket_id = 'papers' and (storage.foldername(name))[1] = any ((select public.test_folders())::text[]));
  create policy "members add drafts" on storage.objects for insert to authenticated
    with check (
      bucket_id = 'papers' and (storage.foldername(name))[1] = any ((select public.test_folders())::text[])
      and (storage.foldername(name))[2] = 'drafts'
    );
  create policy "members remove drafts" on storage.objects for delete to authenticated
    using (
      bucket_id = 'papers' and (storage.foldername(name))[1] = any ((select public.test_folders())::text[])
      and (storage.foldername(name))[2] = 'drafts'
    );
  create policy "nobody lists the folder hidden" on storage.objects as restrictive for select to authenticated
    using ('hidden' <> all (storage.foldername(name)) or storage.allow_only_operation('object.get_authenticated'));
  reset role;
`;

async function signed(claims: object, { secret = stack.jwtSecret, expires = 3600 } = {}): Promise<string> {
  return new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setExpirationTime(Math.floor(Date.now() / 1000) + expires)
    .sign(new TextEncoder().encode(secret));
}
const tokenOf = (sub: string) => signed({ sub, role: 'authenticated', aud: 'authenticated' });

function storageOf(of: Stack, key: string, token?: string) {
  return createClient(of.apiUrl, key, {
    ...(token === undefined
      ? { auth: { persistSession: false, autoRefreshToken: false } }
      : { accessToken: () => Promise.resolve(token) }),
    // Node 20 has no WebSocket of its own.
    realtime: { transport: ws as never },
  }).storage;
}
const service = () => storageOf(stack, stack.secretKey);
const documents = () => service().from('papers');
const documentsOf = async (user: string) =>
  storageOf(stack, stack.publishableKey, await tokenOf(user)).from('papers');

/** A name that no other test has. */
const nameIn = (organization: string, name = 'quote.pdf') => `${organization}/${randomUUID()}/${name}`;

/** A request without a library, and without a URL parser that would tidy its path up. */
function raw(method: string, path: string, headers: Record<string, string> = {}, body = ''): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(stack.apiUrl);
    const request = httpRequest({ hostname, port, method, path, headers }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        resolve({ status: response.statusCode ?? 0, text, headers: response.headers });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}
interface Answer {
  status: number;
  text: string;
  headers: Record<string, string | string[] | undefined>;
}

const notFound = { status: 400, statusCode: '404', message: 'Object not found' };
const noBucket = { status: 400, statusCode: '404', message: 'Bucket not found' };
const refusedByPolicy = {
  status: 400,
  statusCode: '403',
  message: 'new row violates row-level security policy',
};

async function contentOf(path: string): Promise<string | undefined> {
  return (await documents().download(path)).data?.text();
}

beforeAll(async () => {
  await asSuperuser(stack, policies);
  const { error } = await service().createBucket('papers', { public: false });
  if (error) throw error;
});

describe('the service role', () => {
  test('uploads, downloads, lists, describes and removes', async () => {
    const folder = `${acme}/${randomUUID()}`;
    const path = `${folder}/offer.pdf`;
    const kept = await documents().upload(path, Buffer.from('%PDF-1.7'), { contentType: 'application/pdf' });
    expect(kept).toMatchObject({ data: { path, fullPath: `papers/${path}` }, error: null });

    const { data } = await documents().download(path);
    expect(data?.type).toBe('application/pdf');
    expect(await data?.text()).toBe('%PDF-1.7');

    expect((await documents().list(folder)).data).toMatchObject([
      { name: 'offer.pdf', id: kept.data?.id, metadata: { size: 8, mimetype: 'application/pdf' } },
    ]);
    expect((await documents().info(path)).data).toMatchObject({
      id: kept.data?.id,
      name: path,
      bucketId: 'papers',
      size: 8,
      contentType: 'application/pdf',
      cacheControl: 'max-age=3600',
    });
    expect((await documents().exists(path)).data).toBe(true);

    const removed = await documents().remove([path, `${folder}/never-there.pdf`]);
    expect(removed.data).toMatchObject([{ name: path, bucket_id: 'papers' }]);
    expect((await documents().download(path)).error).toMatchObject({ status: 400 });
    expect((await documents().exists(path)).data).toBe(false);
    expect((await documents().list(folder)).data).toEqual([]);
  });

  test('finds in a row who uploaded, and what was said of the file', async () => {
    const path = `${acme}/drafts/${randomUUID()}.txt`;
    await (await documentsOf(ada)).upload(path, 'text', { metadata: { booking: 'B-1' } });
    const rows = await asSuperuser(
      stack,
      'select owner::text, owner_id, path_tokens[2] as folder, user_metadata, metadata from storage.objects where name = $1',
      [path],
    );
    expect(rows).toMatchObject([
      {
        owner: ada,
        owner_id: ada,
        folder: 'drafts',
        user_metadata: { booking: 'B-1' },
        metadata: { size: 4, contentLength: 4, mimetype: 'text/plain;charset=UTF-8' },
      },
    ]);
  });

  test('replaces with upsert only, and update does so too', async () => {
    const path = nameIn(acme);
    const first = await documents().upload(path, 'one');
    const again = await documents().upload(path, 'two');
    expect(again.error).toMatchObject({
      status: 400,
      statusCode: '409',
      message: 'The resource already exists',
    });
    expect(await contentOf(path)).toBe('one');

    const replaced = await documents().upload(path, 'three', { upsert: true });
    expect(replaced.data?.id).toBe(first.data?.id);
    expect(await contentOf(path)).toBe('three');

    expect((await documents().update(path, 'four')).error).toBeNull();
    expect(await contentOf(path)).toBe('four');
  });

  test('of many uploads of one name at once, one is taken; with upsert, the last one stays', async () => {
    const path = nameIn(acme);
    const before = readdirSync(await directoryOf(stack)).length;
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => documents().upload(path, `content ${index}`)),
    );
    expect(answers.filter(({ error }) => error === null)).toHaveLength(1);
    await Promise.all(
      Array.from({ length: 8 }, (_, index) => documents().upload(path, `content ${index}`, { upsert: true })),
    );
    expect(await contentOf(path)).toMatch(/^content \d$/);
    // What was refused or replaced leaves no file behind.
    expect(readdirSync(await directoryOf(stack))).toHaveLength(before + 1);
  });

  test('moves and copies', async () => {
    const [from, moved, copied] = [nameIn(acme), nameIn(acme), nameIn(globex)];
    await documents().upload(from, 'text', { contentType: 'text/plain' });
    expect((await documents().move(from, moved)).error).toBeNull();
    expect((await documents().download(from)).error).not.toBeNull();
    expect((await documents().copy(moved, copied)).data?.path).toBe(`papers/${copied}`);
    await documents().remove([moved]);
    expect(await contentOf(copied)).toBe('text');
    expect((await documents().move(from, copied)).error).toMatchObject(notFound);
    const other = nameIn(acme);
    await documents().upload(other, 'other');
    expect((await documents().move(other, copied)).error).toMatchObject({ statusCode: '409' });
    expect((await documents().copy(other, copied)).error).toMatchObject({ statusCode: '409' });
    expect(await contentOf(copied)).toBe('text');
  });

  test('lists folders and files, in order, page by page, and by the beginning of a name', async () => {
    const folder = `${acme}/${randomUUID()}`;
    for (const name of ['b.txt', 'a/1.txt', 'a/2.txt', 'C.txt', 'a_b.txt', 'd/e/f.txt']) {
      expect((await documents().upload(`${folder}/${name}`, name)).error).toBeNull();
    }
    const names = async (...options: Parameters<ReturnType<typeof documents>['list']>) =>
      (await documents().list(...options)).data?.map(({ name }) => name);
    expect(await names(folder)).toEqual(['a', 'a_b.txt', 'b.txt', 'C.txt', 'd']);
    expect(await names(folder, { sortBy: { column: 'name', order: 'desc' } })).toEqual([
      'd',
      'C.txt',
      'b.txt',
      'a_b.txt',
      'a',
    ]);
    expect(await names(folder, { sortBy: { column: 'created_at', order: 'asc' } })).toEqual([
      'a',
      'd',
      'b.txt',
      'C.txt',
      'a_b.txt',
    ]);
    expect(await names(folder, { limit: 2, offset: 1 })).toEqual(['a_b.txt', 'b.txt']);
    expect(await names(folder, { search: 'c' })).toEqual(['C.txt']);
    // No wildcard: an underscore is one.
    expect(await names(folder, { search: 'a_' })).toEqual(['a_b.txt']);
    expect(await names(`${folder}/d/`)).toEqual(['e']);
    expect((await documents().list(folder)).data?.[0]).toMatchObject({ id: null, metadata: null });
  });

  test('makes, changes, empties and removes buckets', async () => {
    const id = `bucket-${randomUUID()}`;
    const { data } = await service().createBucket(id, {
      public: false,
      fileSizeLimit: '20KB',
      allowedMimeTypes: ['image/*'],
    });
    expect(data).toEqual({ name: id });
    expect((await service().createBucket(id)).error).toMatchObject({ statusCode: '409' });
    expect((await service().getBucket(id)).data).toMatchObject({
      id,
      public: false,
      file_size_limit: 20_000,
      allowed_mime_types: ['image/*'],
    });
    expect((await service().updateBucket(id, { public: true, fileSizeLimit: 5 })).error).toBeNull();
    expect((await service().listBuckets()).data).toContainEqual(
      expect.objectContaining({ id, public: true, file_size_limit: 5 }),
    );
    expect((await service().listBuckets({ search: id.slice(7), limit: 1 })).data).toHaveLength(1);
    expect((await service().listBuckets({ search: id, offset: 1 })).data).toEqual([]);
    await service().from(id).upload('a.png', 'text', { contentType: 'image/png' });
    expect((await service().deleteBucket(id)).error).toMatchObject({
      statusCode: '409',
      message: 'The bucket you tried to delete is not empty',
    });
    expect((await service().emptyBucket(id)).error).toBeNull();
    expect((await service().deleteBucket(id)).error).toBeNull();
    expect((await service().getBucket(id)).error).toMatchObject(noBucket);
    for (const name of ['', 'a/b', 'ü', 'x'.repeat(101), '../x']) {
      expect((await service().createBucket(name)).error, name).toMatchObject({ status: 400 });
    }
    expect(
      (await service().createBucket('large', { public: false, fileSizeLimit: '51MB' })).error,
    ).toBeNull();
    expect(
      (await service().createBucket('larger', { public: false, fileSizeLimit: '60MB' })).error,
    ).toMatchObject({
      statusCode: '413',
    });
  });

  test('SQL alone deletes nothing: the file would stay behind', async () => {
    await expect(
      asSuperuser(stack, `delete from storage.objects where bucket_id = 'papers'`),
    ).rejects.toMatchObject({ code: '42501', message: expect.stringContaining('Storage API') as string });
  });
});

describe('a member', () => {
  test('reads what a policy shows; the rest is as if it did not exist', async () => {
    const own = nameIn(acme);
    const foreign = nameIn(globex);
    const absent = nameIn(globex);
    for (const path of [own, foreign]) await documents().upload(path, 'text');

    const mine = await documentsOf(ada);
    expect(await (await mine.download(own)).data?.text()).toBe('text');
    expect((await mine.info(own)).data?.name).toBe(own);
    expect((await mine.list(dirname(own))).data).toHaveLength(1);

    const answersTo = async (path: string) => {
      const { data, error } = await mine.download(path);
      const urls = await mine.createSignedUrls([path], 60);
      return {
        download: [data, error],
        info: await mine.info(path),
        exists: (await mine.exists(path)).data,
        list: await mine.list(dirname(path)),
        sign: await mine.createSignedUrl(path, 60),
        signMany: urls.data?.map((each) => [each.error, each.signedUrl]),
        remove: await mine.remove([path]),
        move: await mine.move(path, `${acme}/drafts/taken.pdf`),
        copy: await mine.copy(path, `${acme}/drafts/taken.pdf`),
      };
    };
    const answers = await answersTo(foreign);
    expect(answers).toEqual(await answersTo(absent));
    expect(answers).toMatchObject({
      info: { error: notFound },
      exists: false,
      list: { data: [] },
      sign: { error: notFound },
      signMany: [['Either the object does not exist or you do not have access to it', null]],
      remove: { data: [] },
    });
    expect(answers.download[1]).toMatchObject({ status: 400 });
    expect(await contentOf(foreign)).toBe('text');
    expect(await (await (await documentsOf(grace)).download(foreign)).data?.text()).toBe('text');
    expect((await (await documentsOf(stranger)).download(own)).data).toBeNull();
    expect((await (await documentsOf(stranger)).list('')).data).toEqual([]);
  });

  test('writes where a policy says so, and nothing is left of what it refuses', async () => {
    const mine = await documentsOf(ada);
    const draft = `${acme}/drafts/${randomUUID()}.txt`;
    const files = readdirSync(await directoryOf(stack)).length;
    for (const path of [nameIn(acme), `${globex}/drafts/x.txt`, 'x.txt']) {
      expect((await mine.upload(path, 'text')).error, path).toMatchObject(refusedByPolicy);
      expect((await mine.upload(path, 'text', { upsert: true })).error, path).toMatchObject(refusedByPolicy);
      expect((await mine.createSignedUploadUrl(path)).error, path).toMatchObject(refusedByPolicy);
    }
    expect(readdirSync(await directoryOf(stack))).toHaveLength(files);

    expect((await mine.upload(draft, 'text')).error).toBeNull();
    // No policy lets members change what is there.
    expect((await mine.upload(draft, 'changed', { upsert: true })).error).toMatchObject(refusedByPolicy);
    expect((await mine.move(draft, `${acme}/drafts/moved.txt`)).error).toMatchObject(notFound);
    expect(await contentOf(draft)).toBe('text');

    const other = await documentsOf(grace);
    expect((await other.remove([draft])).data).toEqual([]);
    expect(await contentOf(draft)).toBe('text');
    expect((await mine.remove([draft])).data).toHaveLength(1);
    expect(await contentOf(draft)).toBeUndefined();
  });

  test('does not replace what came in while the file was on its way', async () => {
    const path = `${acme}/drafts/${randomUUID()}.txt`;
    const incoming = join(await directoryOf(stack), 'incoming');
    let finish = () => {};
    const slow = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(Buffer.from('beginning'));
        finish = () => controller.close();
      },
    });
    const uploading = (await documentsOf(ada)).upload(path, slow, { upsert: true });
    await eventually(() => readdirSync(incoming).length === 1);
    await documents().upload(path, 'first');
    finish();
    expect((await uploading).error).toMatchObject(refusedByPolicy);
    expect(await contentOf(path)).toBe('first');
    // Who may replace it, does.
    const answers = await Promise.all(
      ['a', 'b', 'c'].map((text) => documents().upload(`${path}.new`, text, { upsert: true })),
    );
    expect(answers.map(({ error }) => error)).toEqual([null, null, null]);
  });

  test('a policy learns what is being done', async () => {
    const path = `${acme}/hidden/${randomUUID()}.txt`;
    await documents().upload(path, 'text');
    const mine = await documentsOf(ada);
    expect(await (await mine.download(path)).data?.text()).toBe('text');
    expect((await mine.list(`${acme}/hidden`)).data).toEqual([]);
    expect((await mine.createSignedUrl(path, 60)).error).toMatchObject(notFound);
  });

  test('sees no bucket and makes none, while no policy says so', async () => {
    const mine = storageOf(stack, stack.publishableKey, await tokenOf(ada));
    expect((await mine.listBuckets()).data).toEqual([]);
    expect((await mine.getBucket('papers')).error).toMatchObject(noBucket);
    expect((await mine.createBucket('mine')).error).toMatchObject(refusedByPolicy);
    expect((await mine.updateBucket('papers', { public: true })).error).toMatchObject(noBucket);
    expect((await mine.emptyBucket('papers')).error).toMatchObject(noBucket);
    expect((await mine.deleteBucket('papers')).error).toMatchObject(noBucket);
  });

  test('who is gone from the organization reads nothing more', async () => {
    const leaver = randomUUID();
    const path = nameIn(acme);
    await documents().upload(path, 'text');
    await asSuperuser(stack, 'insert into public.test_memberships values ($1, $2)', [acme, leaver]);
    const mine = await documentsOf(leaver);
    expect((await mine.download(path)).error).toBeNull();
    await asSuperuser(stack, 'delete from public.test_memberships where user_id = $1', [leaver]);
    expect((await mine.download(path)).data).toBeNull();
  });
});

describe('without a right', () => {
  const path = `${acme}/right.pdf`;
  beforeAll(async () => {
    await documents().upload(path, 'text');
  });

  /** Every kind of request, by its own words. */
  const attempts: [method: string, path: string, body?: object][] = [
    ['GET', 'bucket'],
    ['GET', 'bucket/papers'],
    ['POST', 'bucket', { name: 'theirs' }],
    ['PUT', 'bucket/papers', { public: true }],
    ['POST', 'bucket/papers/empty', {}],
    ['DELETE', 'bucket/papers', {}],
    ['GET', `object/papers/${path}`],
    ['GET', `object/authenticated/papers/${path}`],
    ['GET', `object/public/papers/${path}`],
    ['GET', `object/info/papers/${path}`],
    ['GET', `object/info/public/papers/${path}`],
    ['POST', `object/papers/${acme}/new.pdf`, { a: 1 }],
    ['PUT', `object/papers/${path}`, { a: 1 }],
    ['DELETE', `object/papers/${path}`],
    ['DELETE', 'object/documents', { prefixes: [path] }],
    ['POST', `object/sign/papers/${path}`, { expiresIn: 60 }],
    ['POST', `object/upload/sign/papers/${acme}/new.pdf`, {}],
    ['POST', 'object/move', { bucketId: 'papers', sourceKey: path, destinationKey: 'x' }],
    ['POST', 'object/copy', { bucketId: 'papers', sourceKey: path, destinationKey: 'x' }],
    ['GET', `object/sign/papers/${path}`],
    ['PUT', `object/upload/sign/papers/${path}`, { a: 1 }],
  ];
  const everything = async (headers: Record<string, string>) => {
    const answers: Record<string, unknown> = {};
    for (const [method, address, body] of attempts) {
      const response = await fetch(`${stack.apiUrl}/storage/v1/${address}`, {
        method,
        headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
        ...(body ? { body: JSON.stringify(body) } : {}),
      });
      answers[`${method} ${address}`] = [response.status, await response.json()];
    }
    return answers;
  };
  const open = /object\/(info\/)?public\/|^GET object\/sign\/|^PUT object\/upload\/sign\//;

  test('no credentials: nobody is the service role', async () => {
    for (const [attempt, answer] of Object.entries(await everything({}))) {
      expect(answer, attempt).toMatchObject([400, { message: expect.any(String) as string }]);
    }
    expect(await contentOf(path)).toBe('text');
  });

  test('the publishable key: row-level security decides', async () => {
    const answers = await everything({ apikey: stack.publishableKey });
    for (const [attempt, answer] of Object.entries(answers)) {
      const nothing =
        attempt === 'GET bucket' || attempt === 'DELETE object/documents' ? [200, []] : [400, {}];
      expect(answer, attempt).toMatchObject(nothing);
    }
    expect(await contentOf(path)).toBe('text');
  });

  test('a forged, an expired or a meaningless token is refused, whatever it says', async () => {
    const claims = { sub: ada, role: 'service_role' };
    const credentials = {
      forged: `Bearer ${await signed(claims, { secret: 'x'.repeat(40) })}`,
      expired: `Bearer ${await signed(claims, { expires: -10 })}`,
      unsigned: `Bearer ${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.`,
      nonsense: 'Bearer a.b.c',
    };
    for (const [kind, authorization] of Object.entries(credentials)) {
      const answers = await everything({ apikey: stack.publishableKey, authorization });
      for (const [attempt, answer] of Object.entries(answers)) {
        expect(answer, `${kind}: ${attempt}`).toMatchObject([
          400,
          open.test(attempt) ? {} : { statusCode: '403', error: 'Unauthorized' },
        ]);
      }
    }
    for (const [attempt, answer] of Object.entries(
      await everything({ apikey: 'sb_secret_of_another_stack' }),
    )) {
      expect(answer, attempt).toMatchObject([400, open.test(attempt) ? {} : { statusCode: '403' }]);
    }
    expect(await contentOf(path)).toBe('text');
  });

  test('a role that the API does not have cannot be taken on', async () => {
    for (const role of ['postgres', 'supabase_admin', 'supabase_storage_admin', 'nobody at all']) {
      const storage = storageOf(stack, stack.publishableKey, await signed({ sub: ada, role }));
      expect((await storage.from('papers').download(path)).data, role).toBeNull();
      expect((await storage.listBuckets()).error, role).not.toBeNull();
    }
  });
});

describe('names', () => {
  test.each([
    'ÜberMaß Fenster – Angebot № 12.pdf',
    '見積書.pdf',
    'עברית/قائمة.txt',
    '👩‍🔧 crew.txt',
    "a + b & c = d, (e) ; $ @ ! '.txt",
    'ends with a dot.',
    '...three.txt',
    'x'.repeat(400),
    ' leading',
  ])('%s is kept as it is', async (name) => {
    const path = `${acme}/names/${name}`;
    expect((await documents().upload(path, name, { upsert: true })).error).toBeNull();
    expect(await contentOf(path)).toBe(name);
    expect((await documents().info(path)).data?.name).toBe(path);
    const listed = await documents().list(dirname(path), { search: path.split('/').at(-1) ?? '' });
    expect(listed.data?.map((each) => each.name)).toEqual([path.split('/').at(-1)]);
    const { data } = await documents().createSignedUrl(path, 60);
    expect(await (await fetch(data?.signedUrl ?? '')).text()).toBe(name);
    expect((await documents().remove([path])).data).toHaveLength(1);
  });

  test('two names that differ in letter case or normal form are two files', async () => {
    const folder = `${acme}/${randomUUID()}`;
    const names = ['a.txt', 'A.txt', 'é.txt'.normalize('NFC'), 'é.txt'.normalize('NFD')];
    for (const name of names)
      await documents().upload(`${folder}/${name}`, Buffer.from(name).toString('hex'));
    for (const name of names) {
      expect(await contentOf(`${folder}/${name}`)).toBe(Buffer.from(name).toString('hex'));
    }
  });

  test('a path that leads elsewhere is refused, however it is written', async () => {
    const headers = { apikey: stack.secretKey, 'content-type': 'text/plain' };
    const files = await everyFile();
    for (const key of [
      '../x',
      'a/../../x',
      '..%2f..%2fsecrets.json',
      '%2e%2e%2fsecrets.json',
      '%2e%2e/%2e%2e/secrets.json',
      '..%5c..%5cx',
      'a/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd',
      'a%00b',
      'a%0ab',
      '%e2%80%ae.pdf',
      '%ff',
      '%zz',
      '%252e%252e%252fx',
      'x'.repeat(1100),
      '~root',
    ]) {
      for (const method of ['POST', 'GET', 'HEAD', 'DELETE']) {
        const { status } = await raw(method, `/storage/v1/object/papers/${key}`, headers, 'text');
        // By some of these a URL means another address, which is no file's.
        expect([400, 404], `${method} ${key}`).toContain(status);
      }
    }
    for (const key of ['../x', 'a/../../x', './x', 'a\u0000b', '\u202e.pdf', '..\\x', '']) {
      const from = nameIn(acme);
      await documents().upload(from, 'text');
      expect((await documents().move(from, key)).error, key).toMatchObject({ statusCode: '400' });
      expect((await documents().copy(from, key)).error, key).toMatchObject({ statusCode: '400' });
      const removed = await documents().remove([key]);
      expect(removed.data ?? [], key).toEqual([]);
      await documents().remove([from]);
    }
    expect((await documents().list('../..')).data).toEqual([]);
    expect(await everyFile()).toEqual(files);
  });

  test('a row that names a file outside shows nothing', async () => {
    const path = nameIn(acme);
    await asSuperuser(
      stack,
      `insert into storage.objects (bucket_id, name, version, metadata)
       values ('papers', $1, '../data/PG_VERSION', '{"size": 3, "mimetype": "text/plain"}')`,
      [path],
    );
    expect((await documents().download(path)).data).toBeNull();
    expect((await documents().copy(path, nameIn(acme))).error).toMatchObject(notFound);
    expect((await documents().remove([path])).data).toHaveLength(1);
    expect(existsSync(join(dirname(await directoryOf(stack)), 'data', 'PG_VERSION'))).toBe(true);
  });
});

describe('contents', () => {
  test('an empty file', async () => {
    for (const content of [Buffer.alloc(0), '', new Blob([], { type: 'text/csv' })]) {
      const path = nameIn(acme, 'empty.csv');
      expect((await documents().upload(path, content)).error).toBeNull();
      const { data } = await documents().download(path);
      expect(data?.size).toBe(0);
      expect((await documents().info(path)).data?.size).toBe(0);
    }
  });

  test('5 MB, as bytes, in a form and as a stream of unknown length', async () => {
    const bytes = randomBytes(5 * 1024 * 1024);
    const bodies = {
      bytes,
      form: new Blob([bytes], { type: 'application/pdf' }),
      stream: new Blob([bytes]).stream(),
    };
    for (const [kind, body] of Object.entries(bodies)) {
      const path = nameIn(acme, `${kind}.pdf`);
      const kept = await documents().upload(path, body, { contentType: 'application/pdf' });
      expect(kept.error, kind).toBeNull();
      const { data } = await documents().download(path);
      expect(data?.type, kind).toBe('application/pdf');
      expect(Buffer.from((await data?.arrayBuffer()) ?? new ArrayBuffer()).equals(bytes), kind).toBe(true);
    }
  });

  test('more than the stack takes, or the bucket', async () => {
    const files = await everyFile();
    const tooLarge = {
      status: 400,
      statusCode: '413',
      message: 'The object exceeded the maximum allowed size',
    };
    const bucket = `small-${randomUUID()}`;
    await service().createBucket(bucket, { public: false, fileSizeLimit: 100_000 });
    const small = service().from(bucket);
    expect((await small.upload('exact', Buffer.alloc(100_000))).error).toBeNull();
    const stream = (size: number) => new Blob([Buffer.alloc(size)]).stream();
    expect((await small.upload('bytes', Buffer.alloc(100_001))).error).toMatchObject(tooLarge);
    expect((await small.upload('stream', stream(100_001))).error).toMatchObject(tooLarge);
    expect((await small.upload('form', new Blob([Buffer.alloc(100_001)]))).error).toMatchObject(tooLarge);
    expect((await small.upload('exact', Buffer.alloc(100_001), { upsert: true })).error).toMatchObject(
      tooLarge,
    );
    expect((await small.download('exact')).data?.size).toBe(100_000);
    await service().emptyBucket(bucket);

    const limit = 50 * 1024 * 1024;
    for (const body of [Buffer.alloc(limit + 1), stream(limit + 1), new Blob([Buffer.alloc(limit + 1)])]) {
      expect((await documents().upload(nameIn(acme), body)).error).toMatchObject(tooLarge);
    }
    expect(await everyFile()).toEqual(files);
    expect((await documents().upload(nameIn(acme), 'text')).error).toBeNull();
  });

  test('a type that the bucket does not take', async () => {
    const bucket = `pdf-${randomUUID()}`;
    await service().createBucket(bucket, { public: false, allowedMimeTypes: ['application/pdf', 'image/*'] });
    const storage = service().from(bucket);
    for (const contentType of ['application/pdf', 'image/png', 'IMAGE/PNG', 'application/pdf; version=1.7']) {
      const kept = await storage.upload(randomUUID(), 'x', { contentType });
      expect(kept.error, contentType).toBeNull();
    }
    for (const contentType of ['text/html', 'application/pdfx', 'image', 'x-image/png']) {
      const refused = await storage.upload(randomUUID(), 'x', { contentType });
      expect(refused.error, contentType).toMatchObject({ statusCode: '415' });
    }
    expect((await storage.upload(randomUUID(), new Blob(['x'], { type: 'text/css' }))).error).toMatchObject({
      statusCode: '415',
    });
  });

  test('type and cache control are kept, and a page is shown as text', async () => {
    const types = { 'a.svg': 'image/svg+xml', 'a.bin': 'application/octet-stream', 'a.html': 'text/html' };
    for (const [name, contentType] of Object.entries(types)) {
      const path = nameIn(acme, name);
      await documents().upload(path, '<x/>', { contentType, cacheControl: '60' });
      const { data } = await documents().createSignedUrl(path, 60);
      const shown = (await fetch(data?.signedUrl ?? '')).headers.get('content-type');
      expect(shown).toBe(contentType === 'text/html' ? 'text/plain' : contentType);
      expect((await documents().info(path)).data).toMatchObject({ contentType, cacheControl: 'max-age=60' });
    }
  });

  test('parts of it, its head, and nothing where the client has it already', async () => {
    const path = nameIn(acme);
    await documents().upload(path, '0123456789', { contentType: 'text/plain' });
    const ask = (headers: Record<string, string>, method = 'GET') =>
      raw(method, `/storage/v1/object/papers/${path}`, { apikey: stack.secretKey, ...headers });
    for (const [range, text, place] of [
      ['bytes=0-3', '0123', 'bytes 0-3/10'],
      ['bytes=7-', '789', 'bytes 7-9/10'],
      ['bytes=-2', '89', 'bytes 8-9/10'],
      ['bytes=8-99', '89', 'bytes 8-9/10'],
    ] as const) {
      const answer = await ask({ range });
      expect([answer.status, answer.text], range).toEqual([206, text]);
      expect(answer.headers['content-range'], range).toBe(place);
    }
    expect((await ask({ range: 'bytes=10-' })).status).toBe(416);
    expect((await ask({ range: 'lines=1-2' })).text).toBe('0123456789');
    const head = await ask({}, 'HEAD');
    expect([head.status, head.text, head.headers['content-length']]).toEqual([200, '', '10']);
    const etag = String(head.headers.etag);
    expect((await ask({ 'if-none-match': etag })).status).toBe(304);
    await documents().update(path, 'changed');
    expect((await ask({ 'if-none-match': etag })).text).toBe('changed');
  });

  test('an upload that breaks off leaves nothing', async () => {
    const files = await everyFile();
    const path = nameIn(acme);
    const { hostname, port } = new URL(stack.apiUrl);
    await new Promise<void>((resolve) => {
      const request = httpRequest({
        hostname,
        port,
        method: 'POST',
        path: `/storage/v1/object/papers/${path}`,
        headers: { apikey: stack.secretKey, 'content-length': 1_000_000, 'content-type': 'text/plain' },
      });
      request.on('error', () => resolve());
      request.write(Buffer.alloc(100_000), () => request.destroy(new Error('cable pulled')));
    });
    expect((await documents().download(path)).data).toBeNull();
    expect((await documents().upload(path, 'whole')).error).toBeNull();
    expect(await contentOf(path)).toBe('whole');
    await documents().remove([path]);
    expect((await everyFile()).filter((file) => !file.startsWith('incoming/'))).toEqual(
      files.filter((file) => !file.startsWith('incoming/')),
    );
  });

  test('in a public bucket whoever has the address reads, and nobody else lists', async () => {
    const bucket = `public-${randomUUID()}`;
    await service().createBucket(bucket, { public: true });
    await service().from(bucket).upload('logo.svg', '<svg/>', { contentType: 'image/svg+xml' });
    const { publicUrl } = service().from(bucket).getPublicUrl('logo.svg', { download: 'Logo ü.svg' }).data;
    const response = await fetch(publicUrl);
    expect(response.headers.get('content-disposition')).toBe(
      `attachment; filename=Logo%20%C3%BC.svg; filename*=UTF-8''Logo%20%C3%BC.svg;`,
    );
    expect(await response.text()).toBe('<svg/>');
    expect((await storageOf(stack, stack.publishableKey).from(bucket).list()).data).toEqual([]);
    const hidden = service().from('papers').getPublicUrl(`${acme}/right.pdf`).data.publicUrl;
    expect(await (await fetch(hidden)).json()).toMatchObject({
      statusCode: '404',
      message: 'Bucket not found',
    });
  });
});

describe('a signed address', () => {
  const path = `${acme}/signed/Angebot für Ada.pdf`;
  const other = `${globex}/signed/Angebot.pdf`;
  beforeAll(async () => {
    await documents().upload(path, 'signed', { contentType: 'application/pdf' });
    await documents().upload(other, 'other', { contentType: 'application/pdf' });
  });
  const refused = async (url: URL | string) => {
    const response = await fetch(url);
    return [response.status, ((await response.json()) as { error: string }).error];
  };

  test('needs neither key nor token, and ends', async () => {
    const { data } = await (await documentsOf(ada)).createSignedUrl(path, 60, { download: 'offer.pdf' });
    const response = await fetch(data?.signedUrl ?? '');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/pdf');
    expect(response.headers.get('content-disposition')).toContain('filename=offer.pdf');
    expect(await response.text()).toBe('signed');

    const expired = new URL(data?.signedUrl ?? '');
    const url = `papers/${path}`;
    const past = await signatures(stack.jwtSecret).sign({ kind: 'download', url }, -10);
    expired.searchParams.set('token', past);
    expect(await refused(expired)).toEqual([400, 'InvalidJWT']);
  });

  test('several at once', async () => {
    const mine = await documentsOf(ada);
    const { data } = await mine.createSignedUrls([path, other], 60);
    expect(data?.map((each) => each.error === null)).toEqual([true, false]);
    expect(await (await fetch(data?.[0]?.signedUrl ?? '')).text()).toBe('signed');
  });

  test('is good for nothing but what was signed', async () => {
    const { data } = await (await documentsOf(ada)).createSignedUrl(path, 60);
    const address = data?.signedUrl ?? '';
    const token = new URL(address).searchParams.get('token') ?? '';
    const withToken = (value: string, at = address) => {
      const url = new URL(at);
      url.searchParams.set('token', value);
      return url;
    };
    const elsewhere = `${stack.apiUrl}/storage/v1/object/sign/papers/${other}`;
    expect(await refused(withToken(token, elsewhere))).toEqual([400, 'InvalidSignature']);
    expect(await refused(withToken(''))).toEqual([400, 'InvalidRequest']);
    const altered = `${token.slice(0, -4)}${token.endsWith('AAAA') ? 'BBBB' : 'AAAA'}`;
    expect(await refused(withToken(altered))).toEqual([400, 'InvalidJWT']);
    // Nor is an access token a signature, or a signature an access token.
    expect(await refused(withToken(await signed({ kind: 'download', url: `papers/${path}` })))).toEqual([
      400,
      'InvalidJWT',
    ]);
    const response = await fetch(`${stack.apiUrl}/rest/v1/`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(response.status).toBe(401);
    const upload = new URL(address.replace('/object/sign/', '/object/upload/sign/'));
    const put = await fetch(upload, { method: 'PUT', body: 'changed' });
    expect(await put.json()).toMatchObject({ error: 'InvalidSignature' });
    expect(await contentOf(path)).toBe('signed');
  });

  test('takes an upload, in the name of who signed it', async () => {
    const mine = await documentsOf(ada);
    const draft = `${acme}/drafts/${randomUUID()} ü.txt`;
    const { data } = await mine.createSignedUploadUrl(draft);
    const nobody = storageOf(stack, stack.publishableKey).from('papers');
    const elsewhere = await nobody.uploadToSignedUrl(`${acme}/drafts/else.txt`, data?.token ?? '', 'text');
    expect(elsewhere.error).toMatchObject({ status: 400 });
    expect((await nobody.uploadToSignedUrl(draft, data?.token ?? '', 'text')).error).toBeNull();
    expect(await contentOf(draft)).toBe('text');
    expect(await asSuperuser(stack, 'select owner_id from storage.objects where name = $1', [draft])).toEqual(
      [{ owner_id: ada }],
    );
    const again = await nobody.uploadToSignedUrl(draft, data?.token ?? '', 'again', { upsert: true });
    expect(again.error).toMatchObject({ statusCode: '409' });
    expect(
      await refused(`${stack.apiUrl}/storage/v1/object/sign/papers/${draft}?token=${data?.token}`),
    ).toEqual([400, 'InvalidSignature']);
  });

  test('shows nothing more once the file is gone', async () => {
    const gone = nameIn(acme);
    await documents().upload(gone, 'text');
    const { data } = await documents().createSignedUrl(gone, 60);
    await documents().remove([gone]);
    expect(await refused(data?.signedUrl ?? '')).toEqual([400, 'not_found']);
  });
});

test('an edge function keeps and reads files through SUPABASE_URL', async () => {
  const path = nameIn(acme);
  const response = await fetch(`${stack.functionsUrl}/keeper`, {
    method: 'POST',
    headers: { apikey: stack.publishableKey, 'content-type': 'application/json' },
    body: JSON.stringify({ path }),
  });
  expect(await response.json()).toEqual({ error: null, text: '%PDF', type: 'application/pdf' });
  expect(await (await (await documentsOf(ada)).download(path)).data?.text()).toBe('%PDF');
});

test('an unknown address, a body that is none, and what is not served', async () => {
  const headers = { apikey: stack.secretKey, 'content-type': 'application/json' };
  for (const [method, path, body, status] of [
    ['GET', 'nothing', undefined, '404'],
    ['GET', 'render/image/public/papers/a.png', undefined, '404'],
    ['POST', 'object/list-v2/documents', '{}', '404'],
    ['POST', 'upload/resumable', '', '404'],
    ['POST', 'object/list/documents', 'no json', '400'],
    ['POST', 'object/list/documents', '{"limit": "many"}', '400'],
    ['POST', 'object/sign/papers/a', '{"expiresIn": 0}', '400'],
    ['POST', 'object/sign/papers/a', '{"expiresIn": 1e99}', '400'],
    ['DELETE', 'object/documents', '{"prefixes": "a"}', '400'],
    ['POST', 'object/list/documents', '{"prefix": "\\u0000"}', '400'],
  ] as const) {
    const init = body === undefined ? { method, headers } : { method, headers, body };
    const response = await fetch(`${stack.apiUrl}/storage/v1/${path}`, init);
    const answer = (await response.json()) as { statusCode?: string };
    expect(answer.statusCode, `${method} ${path} ${body}`).toBe(status);
  }
});

async function directoryOf(of: Stack): Promise<string> {
  const [row] = await asSuperuser<{ data_directory: string }>(of, 'show data_directory');
  return join(dirname(row?.data_directory ?? ''), 'storage');
}

async function everyFile(): Promise<string[]> {
  return readdirSync(await directoryOf(stack), { recursive: true, encoding: 'utf8' }).sort();
}

describe('files', () => {
  const started: Stack[] = [];
  const directories: string[] = [];
  const start = async (options: Parameters<typeof startStack>[0]) => {
    const running = await startStack({ quiet: true, port: 0, ...options });
    started.push(running);
    return running;
  };
  afterAll(async () => {
    for (const running of started) await running.stop();
    for (const directory of directories) await rm(directory, { recursive: true, force: true });
  });

  test('of a kept stack are there again after a restart, and so are signed addresses', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'rowhouse-kept-'));
    directories.push(directory);
    // PostgreSQL runs as another user where the tests run as root, and has to get through.
    await chmod(directory, 0o755);
    const first = await start({ directory });
    const storage = storageOf(first, first.secretKey);
    await storage.createBucket('kept', { public: false });
    await storage.from('kept').upload('a/b.txt', 'kept');
    const { data } = await storage.from('kept').createSignedUrl('a/b.txt', 3600);
    expect(readdirSync(join(directory, 'storage'))).toHaveLength(2);
    await first.stop();
    // What a crash leaves in the middle of an upload.
    await writeFile(join(directory, 'storage', 'incoming', 'half'), 'half');

    const second = await start({ directory });
    const again = storageOf(second, second.secretKey).from('kept');
    expect(await (await again.download('a/b.txt')).data?.text()).toBe('kept');
    expect(readdirSync(join(directory, 'storage', 'incoming'))).toEqual([]);
    const { pathname, search } = new URL(data?.signedUrl ?? '');
    expect(await (await fetch(`${second.apiUrl}${pathname}${search}`)).text()).toBe('kept');
    await second.stop();
  });

  test('of an ephemeral stack are gone with it', async () => {
    const ephemeral = await start({});
    const storage = storageOf(ephemeral, ephemeral.secretKey);
    await storage.createBucket('brief', { public: false });
    await storage.from('brief').upload('a.txt', 'brief');
    const directory = await directoryOf(ephemeral);
    expect(readdirSync(directory)).toHaveLength(2);
    await ephemeral.stop();
    expect(existsSync(directory)).toBe(false);
    expect(existsSync(dirname(directory))).toBe(false);
  });
});
