import Stripe from 'stripe';
import { describe, expect, test } from 'vitest';
import type { EventNotTaken } from '../../src/payments/provider.ts';
import { verifiedText } from '../../src/payments/signature.ts';
import { eventText, intent, signatureOf, signedHeader, webhookSecret } from './events.ts';

const body = eventText(intent({ description: 'Ä \u{1f600}' }));
const bytes = (text: string) => new TextEncoder().encode(text);
const now = Date.UTC(2026, 10, 21, 12);
const seconds = now / 1000;
const later = (by: number) => now + by * 1000;

/** What becomes of a body with a header: the body, or the code that it is refused with. */
async function verdict(content: Uint8Array | string, header: string | null, at = now): Promise<string> {
  const raw = typeof content === 'string' ? bytes(content) : content;
  try {
    return await verifiedText(raw, header, webhookSecret, at);
  } catch (error) {
    return (error as EventNotTaken).code;
  }
}

const header = signedHeader(body, { at: now });

describe('a signature', () => {
  test('by the scheme that is documented is taken, and the library signs as we do', async () => {
    expect(await verdict(body, header)).toBe(body);
    const theirs = Stripe.webhooks.generateTestHeaderString({
      payload: body,
      secret: webhookSecret,
      timestamp: seconds,
    });
    expect(theirs).toBe(header);
  });

  test('is one of this body: with any byte of it altered, it is refused', async () => {
    const raw = bytes(body);
    const verdicts = await Promise.all(
      Array.from(raw, (byte, index) => {
        const altered = raw.slice();
        altered[index] = byte ^ 1;
        return verdict(altered, header);
      }),
    );
    expect(new Set(verdicts)).toEqual(new Set(['invalid_signature']));
    for (const other of ['', `${body} `, `\ufeff${body}`, body.slice(0, -1), `${body}\n`]) {
      expect(await verdict(other, header)).toBe('invalid_signature');
    }
  });

  test('is itself: with any character of it altered, it is refused', async () => {
    const digits = header.indexOf('v1=') + 'v1='.length;
    const altered = Array.from({ length: 64 }, (_, index) => {
      const at = digits + index;
      return header.slice(0, at) + (header[at] === '0' ? '1' : '0') + header.slice(at + 1);
    });
    expect(new Set(await Promise.all(altered.map((text) => verdict(body, text))))).toEqual(
      new Set(['invalid_signature']),
    );
  });

  test('is one of its time: with any digit of it altered, it is refused', async () => {
    const altered = Array.from({ length: 10 }, (_, index) => {
      const at = 't='.length + index;
      return header.slice(0, at) + String((Number(header[at]) + 1) % 10) + header.slice(at + 1);
    });
    expect(new Set(await Promise.all(altered.map((text) => verdict(body, text))))).toEqual(
      new Set(['invalid_signature']),
    );
  });

  test.each([
    ['of another secret', signedHeader(body, { at: now, secret: `${webhookSecret}x` })],
    ['of a test scheme', header.replace('v1=', 'v0=')],
    ['that is missing', null],
    ['that is empty', ''],
    ['without a time', header.replace(/^t=\d+,/, '')],
    ['without a signature', header.replace(/,v1=.*$/, '')],
    ['of two times', `t=1,${header}`],
    ['of two times, the other way round', `${header},t=1`],
    ['with a time that is more than digits', header.replace(/^t=(\d+)/, 't=$1x')],
    ['with a time before 1970', header.replace(/^t=/, 't=-')],
    ['without names', header.replace(/t=|v1=/g, '')],
    ['that is text', 'hello'],
    ['that is long', 'v1=0,'.repeat(10_000)],
  ])('%s is refused', async (_, text) => {
    expect(await verdict(body, text)).toBe('invalid_signature');
  });

  test('among several is enough, as while secrets change', async () => {
    const [time, ours] = header.split(',');
    const other = `v1=${signatureOf(body, seconds, 'whsec_another')}`;
    for (const several of [
      [time, other, ours],
      [time, ours, other],
      [time, `v0=${'0'.repeat(64)}`, other, ours],
    ]) {
      expect(await verdict(body, several.join(','))).toBe(body);
    }
    expect(await verdict(body, [time, other, other].join(','))).toBe('invalid_signature');
  });

  test('is good for five minutes, before and after', async () => {
    expect(await verdict(body, header, later(5 * 60))).toBe(body);
    expect(await verdict(body, header, later(5 * 60 + 1))).toBe('event_too_old');
    expect(await verdict(body, header, later(6 * 60))).toBe('event_too_old');
    expect(await verdict(body, header, later(-5 * 60))).toBe(body);
    expect(await verdict(body, header, later(-5 * 60 - 1))).toBe('invalid_signature');
  });

  test('that is wrong and old says no more than that it is wrong', async () => {
    const forged = signedHeader(body, { at: now, secret: 'whsec_guess' });
    expect(await verdict(body, forged, later(3600))).toBe('invalid_signature');
  });

  test('is one of bytes: what is no text cannot stand for what is', async () => {
    const broken = Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    const replaced = '{"a":"\ufffd"}';
    expect(await verdict(replaced, signedHeader(replaced, { at: now }))).toBe(replaced);
    expect(await verdict(broken, signedHeader(replaced, { at: now }))).toBe('invalid_signature');
    expect(await verdict(broken, signedHeader(broken, { at: now }))).toBe('invalid_signature');
  });
});
