import { refusals, storageRefusal } from './storage-errors.ts';

/** A file on its way in. */
export interface Upload {
  content: ReadableStream<Uint8Array> | null;
  /** As the request announces it; absent where it does not. */
  size?: number;
  contentType: string;
  cacheControl: string;
  /** What the caller wants kept with the file. */
  userMetadata: Record<string, unknown> | null;
}

/** What a form may have beside the file. */
const formOverhead = 64 * 1024;

const mediaType = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(\s*;[\x20-\x7e]*)?$/;

function parsedMetadata(text: string | undefined): Record<string, unknown> | null {
  if (!text) return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // refused below
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw refusals.invalidRequest('The metadata is no JSON object');
  }
  return value as Record<string, unknown>;
}

function checkedType(type: string, allowed: string[] | null): string {
  const essence = type.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const isAllowed =
    mediaType.test(type) &&
    (!allowed?.length ||
      allowed.some((each) => {
        const pattern = each.toLowerCase();
        return pattern === '*/*' || pattern === essence || pattern === `${essence.split('/')[0]}/*`;
      }));
  if (!isAllowed) throw storageRefusal(415, 'invalid_mime_type', `mime type ${type} is not supported`);
  return type;
}

/** Reads a form. It is held in memory, up to the limit; what is beyond is read as well, so that the sender hears why. */
async function readForm(request: Request, limit: number): Promise<FormData> {
  let size = 0;
  const meter = new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      size += chunk.byteLength;
      if (size <= limit) controller.enqueue(chunk);
    },
  });
  try {
    const contentType = request.headers.get('content-type') ?? '';
    const body = request.body?.pipeThrough(meter) ?? null;
    return await new Response(body, { headers: { 'content-type': contentType } }).formData();
  } catch {
    throw size > limit ? refusals.tooLarge() : refusals.invalidRequest('The form cannot be read');
  }
}

async function fromForm(request: Request, limit: number): Promise<Upload> {
  const form = await readForm(request, limit + formOverhead);
  const text = (name: string) => {
    const value = form.get(name);
    return typeof value === 'string' ? value : undefined;
  };
  const file = [...form.values()].find((value) => typeof value !== 'string');
  if (!file) throw refusals.invalidRequest('No file provided');
  const seconds = text('cacheControl') ?? '';
  return {
    content: file.stream(),
    size: file.size,
    contentType: file.type || 'application/octet-stream',
    cacheControl: /^\d+$/.test(seconds) ? `max-age=${seconds}` : 'no-cache',
    userMetadata: parsedMetadata(text('metadata')),
  };
}

function fromBody(request: Request): Upload {
  const { headers, body } = request;
  const size = headers.get('content-length');
  return {
    content: body,
    ...(size === null ? {} : { size: Number(size) }),
    contentType: headers.get('content-type') || 'application/octet-stream',
    cacheControl: headers.get('cache-control') || 'no-cache',
    userMetadata: parsedMetadata(Buffer.from(headers.get('x-metadata') ?? '', 'base64').toString()),
  };
}

/**
 * Takes the file out of a request: out of a form, as browsers send a Blob, or the whole body.
 *
 * @param request an upload
 * @param limit the most bytes that the file may have
 * @param allowed the types that it may have, such as `image/*`; any unless some are named
 * @throws a refusal when it is too large, of another type, or not there
 */
export async function readUpload(request: Request, limit: number, allowed: string[] | null): Promise<Upload> {
  const isForm = request.headers.get('content-type')?.startsWith('multipart/form-data') ?? false;
  const upload = isForm ? await fromForm(request, limit) : fromBody(request);
  if (upload.size !== undefined && upload.size > limit) throw refusals.tooLarge();
  checkedType(upload.contentType, allowed);
  return upload;
}
