import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import PostalMime, { type Email } from 'postal-mime';
import { SMTPServer } from 'smtp-server';

/** A mail as an SMTP server got it. */
export interface Received {
  raw: string;
  email: Email;
  from: string;
  to: string[];
  /** Whether it came over TLS. */
  isSecure: boolean;
  user: string | undefined;
}

/** A running SMTP server. */
export interface MailServer {
  port: number;
  received: Received[];
  stop(): Promise<void>;
}

interface MailServerOptions {
  /** Speaks TLS from the first byte, on the way (STARTTLS), or not at all. */
  tls?: 'from the start' | 'on the way' | 'never';
  /** With this login only. */
  login?: { user: string; password: string };
  certificate?: Certificate;
  /** Refuses each mail with this sentence, which may quote the mail. */
  refuse?: (raw: string) => string;
  /** Takes no mail and says nothing. */
  isSilent?: boolean;
}

/** Starts a real SMTP server on this machine. */
export async function startMailServer(options: MailServerOptions = {}): Promise<MailServer> {
  const { tls = 'never', login, certificate, refuse, isSilent = false } = options;
  const received: Received[] = [];
  const server = new SMTPServer({
    secure: tls === 'from the start',
    disabledCommands: [...(tls === 'never' ? ['STARTTLS'] : []), ...(login ? [] : ['AUTH'])],
    // Only a server that takes passwords in the clear can show that none comes.
    allowInsecureAuth: true,
    ...(certificate ? { key: certificate.key, cert: certificate.certificate } : {}),
    disableReverseLookup: true,
    closeTimeout: 100,
    onConnect(_session, callback) {
      if (!isSilent) callback();
    },
    onAuth({ username, password }, _session, callback) {
      const isRight = username === login?.user && password === login?.password;
      if (isRight) callback(null, { user: username });
      else callback(new Error('Invalid login'));
    },
    onData(stream, session, callback) {
      void text(stream).then(async (raw) => {
        if (refuse) {
          callback(Object.assign(new Error(refuse(raw)), { responseCode: 554 }));
          return;
        }
        const { mailFrom, rcptTo } = session.envelope;
        received.push({
          raw,
          email: await PostalMime.parse(raw),
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          isSecure: session.secure,
          user: session.user as string | undefined,
        });
        callback();
      });
    },
  });
  // A client that does not like the certificate hangs up.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return { port, received, stop: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** A request that an HTTP server got. */
export interface HttpRequest {
  method: string | undefined;
  path: string | undefined;
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
}

/** A form as its fields, JSON as what it says, nothing as undefined. */
function parsed(body: string, type: string | undefined): unknown {
  if (body === '') return undefined;
  if (type?.startsWith('application/x-www-form-urlencoded')) {
    return Object.fromEntries(new URLSearchParams(body));
  }
  return JSON.parse(body) as unknown;
}

/**
 * Starts an HTTP server on this machine that stands where a provider's API is.
 *
 * @param answer what it says to a request: status and JSON, or nothing at all
 */
export async function startApi(
  answer: (request: HttpRequest) => { status: number; body: unknown } | undefined,
): Promise<{ url: string; requests: HttpRequest[]; stop(): Promise<void> }> {
  const requests: HttpRequest[] = [];
  const server = createServer((incoming, outgoing) => {
    void text(incoming).then((body) => {
      const { method, url, headers } = incoming;
      const request = { method, path: url, headers, body: parsed(body, headers['content-type']) };
      requests.push(request);
      const said = answer(request);
      if (said === undefined) return;
      outgoing.writeHead(said.status, { 'Content-Type': 'application/json' });
      outgoing.end(JSON.stringify(said.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A key and its certificate, and the certificate of who signed that, as PEM. */
export interface Certificate {
  key: string;
  certificate: string;
  authority: string;
}

function der(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents);
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

const [sequence, set, boolean, integer, bits, octets, oid, utf8, time] = [
  0x30, 0x31, 0x01, 0x02, 0x03, 0x04, 0x06, 0x0c, 0x18,
];

interface Subject {
  name: string;
  publicKey: KeyObject;
  extensions: Buffer[];
}

/** An X.509 certificate that is good for a day, as PEM. */
function certificateOf(
  subject: Subject,
  issuer: { name: string; privateKey: KeyObject },
  serial: number,
): string {
  const nameOf = (name: string) =>
    der(
      sequence,
      der(set, der(sequence, der(oid, Buffer.from('550403', 'hex')), der(utf8, Buffer.from(name)))),
    );
  const moment = (milliseconds: number) =>
    der(time, Buffer.from(`${new Date(milliseconds).toISOString().replace(/[-:T]|\..*/g, '')}Z`));
  const ecdsaWithSha256 = der(sequence, der(oid, Buffer.from('2a8648ce3d040302', 'hex')));
  const day = 24 * 60 * 60 * 1000;
  const content = der(
    sequence,
    der(0xa0, der(integer, Buffer.from([2]))),
    der(integer, Buffer.from([serial])),
    ecdsaWithSha256,
    nameOf(issuer.name),
    der(sequence, moment(Date.now() - day), moment(Date.now() + day)),
    nameOf(subject.name),
    subject.publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, der(sequence, ...subject.extensions)),
  );
  const signature = der(bits, Buffer.from([0]), sign('sha256', content, issuer.privateKey));
  const whole = der(sequence, content, ecdsaWithSha256, signature);
  return `-----BEGIN CERTIFICATE-----\n${whole.toString('base64')}\n-----END CERTIFICATE-----\n`;
}

/** Makes a certificate for `localhost`, and an authority of which nobody has heard that vouches for it. */
export function makeCertificate(): Certificate {
  const authority = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const server = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = { name: 'Rowhouse tests', privateKey: authority.privateKey };
  const extension = (id: string, value: Buffer) =>
    der(sequence, der(oid, Buffer.from(id, 'hex')), der(octets, value));
  const isAuthority = extension('551d13', der(sequence, der(boolean, Buffer.from([255]))));
  const isLocalhost = extension('551d11', der(sequence, der(0x82, Buffer.from('localhost'))));
  return {
    key: server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: certificateOf(
      { name: 'localhost', publicKey: server.publicKey, extensions: [isLocalhost] },
      issuer,
      2,
    ),
    authority: certificateOf(
      { name: issuer.name, publicKey: authority.publicKey, extensions: [isAuthority] },
      issuer,
      1,
    ),
  };
}
