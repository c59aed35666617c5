import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { expect, test } from 'vitest';
import { useStack } from '../support/stack.ts';
import { clientSource, complaints, repository } from './compile.ts';

const stack = useStack();

/** The TypeScript in a document, word for word. */
function examples(document: string): string[] {
  const text = readFileSync(join(repository, document), 'utf8');
  return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code ?? '');
}

const [example = ''] = examples('README.md');

test('the example of the README is there, and compiles', () => {
  expect(examples('README.md')).toHaveLength(1);
  const surroundings = 'declare const url: string, publishableKey: string, email: string, password: string;';
  expect(complaints(`${example}\n${surroundings}`)).toEqual([]);
  expect(
    complaints(`${example.replace('display_name', 'name_shown')}\n${surroundings}\ndata?.name_shown`),
  ).not.toEqual([]);
});

test('the example of the README signs somebody up and reads the profile', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rowhouse-readme-'));
  try {
    const outfile = join(folder, 'example.mjs');
    await build({
      stdin: { contents: `${example}\nexport { data };`, resolveDir: repository, loader: 'ts' },
      alias: { 'rowhouse/client': clientSource },
      define: {
        url: JSON.stringify(stack.apiUrl),
        publishableKey: JSON.stringify(stack.publishableKey),
        email: '"ada@example.com"',
        password: '"correct horse battery"',
      },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile,
      logLevel: 'silent',
    });
    const { data } = (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as { data: unknown };
    expect(data).toEqual({ display_name: 'Ada Lovelace', platform_role: 'user' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('the examples of docs/client.md compile', () => {
  const [errors = ''] = examples('docs/client.md');
  const surroundings = `
    import type { RowhouseClient } from 'rowhouse/client';
    declare const rowhouse: RowhouseClient;
    declare const id: string, reason: string;
    declare function show(...what: unknown[]): void;`;
  expect(complaints(`${errors}\n${surroundings}`)).toEqual([]);
});
