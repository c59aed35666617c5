/**
 * The body of a request, byte for byte, as long as it is no larger than this; undefined when it is.
 *
 * @param largest in bytes
 */
export async function limitedBody(request: Request, largest: number): Promise<Uint8Array | undefined> {
  // What says that it is too large need not be read.
  if (Number(request.headers.get('content-length') ?? 0) > largest) return undefined;
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of request.body ?? []) {
    length += piece.length;
    if (length > largest) return undefined;
    pieces.push(piece);
  }
  const body = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    body.set(piece, at);
    at += piece.length;
  }
  return body;
}
