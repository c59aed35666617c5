import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { complaints } from './compile.ts';

const source = readFileSync(new URL('./types.ts', import.meta.url), 'utf8');

test('the compiler knows unions from check constraints, and refuses what is wrong', () => {
  expect(complaints(source)).toEqual([]);
});

test('a type that is not what the file says is found', () => {
  const wrong = source.replace(`['platform_role'], 'user' | 'superadmin'>`, `['platform_role'], string>`);
  expect(wrong).not.toBe(source);
  expect(complaints(wrong)).toHaveLength(1);
});
