/** A refusal in the words of Supabase's storage server, which its clients know. */
export interface StorageRefusal extends Error {
  /** The status that the body names. The answer's own is 400, or 500: so does Supabase, and supabase-js relies on it. */
  statusCode: number;
  error: string;
}

/**
 * Makes a refusal to be thrown.
 *
 * @param statusCode what the body names as its status
 * @param error the kind, a word or two that programs compare
 * @param message what people read
 */
export function storageRefusal(statusCode: number, error: string, message: string): StorageRefusal {
  return Object.assign(new Error(message), { statusCode, error });
}

/** The refusals that more than one place makes. */
export const refusals = {
  accessDenied: (message: string) => storageRefusal(403, 'Unauthorized', message),
  duplicate: () => storageRefusal(409, 'Duplicate', 'The resource already exists'),
  invalidKey: (key: string) => storageRefusal(400, 'InvalidKey', `Invalid key: ${key}`),
  invalidRequest: (message: string) => storageRefusal(400, 'InvalidRequest', message),
  noBucket: () => storageRefusal(404, 'Bucket not found', 'Bucket not found'),
  noObject: () => storageRefusal(404, 'not_found', 'Object not found'),
  tooLarge: (what = 'object') =>
    storageRefusal(413, 'Payload too large', `The ${what} exceeded the maximum allowed size`),
};

/** What the storage server says to a refusal of the database. */
function fromDatabase(error: Error & { code?: unknown }): StorageRefusal | undefined {
  if (typeof error.code !== 'string' || !/^[0-9A-Z]{5}$/.test(error.code)) return undefined;
  switch (error.code) {
    case '42501':
      return refusals.accessDenied(
        error.message.includes('row-level security')
          ? 'new row violates row-level security policy'
          : error.message,
      );
    case '23505':
      return refusals.duplicate();
    case '23503':
      return storageRefusal(404, 'InvalidRequest', 'The related resource does not exist');
    case '22021':
    case '22P05':
      return refusals.invalidRequest('A text holds a zero byte');
    case '57014':
      return storageRefusal(544, 'DatabaseTimeout', 'The connection to the database timed out');
    default:
      return storageRefusal(500, 'DatabaseError', error.message);
  }
}

/**
 * Turns whatever was thrown into the answer to the request.
 *
 * @param thrown what was thrown
 * @param log where the unexpected is reported
 */
export function storageAnswer(thrown: unknown, log: (line: string) => void): Response {
  const failure = thrown instanceof Error ? thrown : new Error(String(thrown));
  const known = 'statusCode' in failure ? (failure as StorageRefusal) : fromDatabase(failure);
  if (!known) log(`storage: ${failure.message}`);
  const { statusCode, error, message } =
    known ?? storageRefusal(500, 'InternalError', 'Internal Server Error');
  return Response.json(
    { statusCode: String(statusCode), error, message },
    // Beyond the range of statuses that a Response takes there is only the database's timeout.
    { status: statusCode === 500 || statusCode === 544 ? statusCode : 400 },
  );
}
