/**
 * The fonts in `src/documents/` are those of the package: their bytes are in modules, so that nothing is read from disk where
 * the documents are made. `npm test -- test/documents/fonts -u` renews them after an update of the package.
 */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const packageFile = (name: string) => fileURLToPath(import.meta.resolve(`@fontsource/noto-sans/${name}`));

/** Scripts in the order in which a face is looked for. What is rare has no bold face: the regular one stands in. */
const faces = {
  regular: {
    weight: 400,
    scripts: ['latin', 'latin-ext', 'cyrillic', 'greek', 'vietnamese', 'cyrillic-ext', 'greek-ext'],
  },
  bold: { weight: 700, scripts: ['latin', 'latin-ext', 'cyrillic', 'greek', 'vietnamese'] },
};

describe('the fonts of documents', () => {
  it.each(Object.entries(faces))('are those of the package: %s', async (name, { weight, scripts }) => {
    const lines = await Promise.all(
      scripts.map(async (script) => {
        const bytes = await readFile(packageFile(`files/noto-sans-${script}-${weight}-normal.woff`));
        const key = script.includes('-') ? `'${script}'` : script;
        return `  ${key}:\n    '${bytes.toString('base64')}',\n`;
      }),
    );
    const source = [
      `/** Noto Sans, ${name}, by script: WOFF files in base64. The license is in noto-sans-license.txt. Generated. */\n`,
      `export const ${name} = {\n${lines.join('')}};\n`,
    ];
    await expect(source.join('')).toMatchFileSnapshot(`../../src/documents/noto-sans-${name}.ts`);
  });

  it('come with their license', async () => {
    const license = await readFile(packageFile('LICENSE'), 'utf8');
    expect(license).toContain('SIL Open Font License, Version 1.1');
    await expect(license).toMatchFileSnapshot('../../src/documents/noto-sans-license.txt');
  });
});
