import { describe, expect, test } from 'vitest';
import { bytesOf, checkedBucket, checkedKey } from '../../src/stack/storage-names.ts';

describe('sizes', () => {
  test.each([
    ['50MiB', 52_428_800, 52_428_800],
    ['50MB', 50_000_000, 52_428_800],
    ['20kb', 20_000, 20_480],
    ['1.5 GB', 1_500_000_000, 1_610_612_736],
    ['12B', 12, 12],
    ['12', 12, 12],
  ])('%s is %d bytes, and %d where units are binary', (text, decimal, binary) => {
    expect(bytesOf(text, 1000)).toBe(decimal);
    expect(bytesOf(text, 1024)).toBe(binary);
  });

  test.each(['', 'MB', '-1', '1e3', '5 apples', '0x10'])('"%s" is none', (text) => {
    expect(bytesOf(text, 1000)).toBeUndefined();
  });
});

describe('names of objects', () => {
  test.each([
    'a',
    'a/b/c.pdf',
    'ä ö/見.pdf',
    'a..b',
    '.hidden',
    '..a/b..',
    "!-_.*'()&$@=;:+,?",
    '👩‍🔧',
    'x'.repeat(1024),
  ])('%s can be one', (key) => {
    expect(checkedKey(key)).toBe(key);
  });

  test.each([
    '',
    '.',
    '..',
    '../a',
    'a/..',
    'a/./b',
    'a\\b',
    'a\u0000',
    'a\nb',
    'a\u007f',
    'a\u0085',
    'a%2fb',
    'a#b',
    'a\u202eb',
    'a\u034fb',
    'a\u200bb',
    'a\ud800b',
    'x'.repeat(1025),
    '見'.repeat(342),
  ])('%j cannot', (key) => {
    expect(() => checkedKey(key)).toThrow('Invalid key');
  });
});

test('names of buckets are plain', () => {
  expect(checkedBucket("documents-2_(a) 'b'")).toBe("documents-2_(a) 'b'");
  for (const name of ['', 'a/b', 'ä', '..%2f', 'a\\b', 'x'.repeat(101)]) {
    expect(() => checkedBucket(name), name).toThrow('Bucket name invalid');
  }
});
