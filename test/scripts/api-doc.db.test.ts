import JSON5 from 'json5';
import { beforeAll, describe, expect, test } from 'vitest';
import { readCatalog, type Catalog } from '../../scripts/support/api/catalog.ts';
import { schemaOf } from '../../scripts/support/api/examples.ts';
import { permissionsIn, readFunctionComment } from '../../scripts/support/api/function-comments.ts';
import { readFunctions } from '../../scripts/support/api/refusals.ts';
import { calls, sqlTokens } from '../../scripts/support/api/sql-tokens.ts';
import { generateApi } from '../../scripts/support/generate-api.ts';
import { generateErrors } from '../../scripts/support/generate-errors.ts';
import { withConnection } from '../../src/postgres/connect.ts';
import { inputs } from '../../src/client/inputs.ts';
import { useDatabase } from '../support/database.ts';

const db = useDatabase();
let catalog: Catalog;
let files: Map<string, string>;

beforeAll(async () => {
  catalog = await withConnection(db.url, readCatalog);
  files = (await generateApi(db.url)).files;
});

/** The headings of a page, without the page's own. */
function headings(text: string): string[] {
  return [...text.matchAll(/^#{2,} (.*)$/gm)].map(([, title = '']) => title);
}

/** What GitHub makes of a heading. */
function anchor(title: string): string {
  return title
    .toLowerCase()
    .replace(/\[(.*?)\]\(.*?\)/g, '$1')
    .replace(/[^\w\- ]/g, '')
    .replaceAll(' ', '-');
}

describe('the pages', () => {
  test('hold each function, table, view and type of the API once', () => {
    const entries = [...files]
      .filter(([path]) => !path.endsWith('README.md'))
      .flatMap(([, text]) => headings(text).flatMap((title) => /^(?:Answer )?`\w+`$/.exec(title) ?? []));
    const objects = [
      ...catalog.functions.map(({ name }) => `\`${name}\``),
      ...catalog.relations.map(({ name, kind }) => `${kind === 'type' ? 'Answer ' : ''}\`${name}\``),
    ];
    expect(entries.sort()).toEqual(objects.sort());
    expect(objects.length).toBeGreaterThan(70);
  });

  test('have no two headings of one name, and lead nowhere where there is nothing', async () => {
    const pages = new Map([...files, ...(await generateErrors(db.url)).files]);
    const anchors = new Map(
      [...pages].map(([path, text]) => [path, headings(text).map((title) => anchor(title))]),
    );
    for (const [path, names] of anchors) expect(names, path).toEqual([...new Set(names)]);
    const broken = [...pages].flatMap(([path, text]) =>
      [...text.matchAll(/\]\(([^)#\s]*)(?:#([^)]*))?\)/g)].flatMap(([link, target = '', place]) => {
        const to = target === '' ? path : new URL(target, `file:///${path}`).pathname.slice(1);
        // Pages that are not generated here are only linked as a whole, or by headings that stand there for good.
        if (!pages.has(to)) return /^docs\/(?:access|client)\.md$/.test(to) ? [] : [`${path}: ${link}`];
        return place === undefined || anchors.get(to)?.includes(place) ? [] : [`${path}: ${link}`];
      }),
    );
    expect(broken).toEqual([]);
  });

  test('say of a table who may do what, and what its columns are', () => {
    const page = files.get('docs/api/tenancy.md') ?? '';
    const plants = page.slice(page.indexOf('### `plants`'));
    expect(plants).toContain(
      '- Read: `plants.read`\n- Add, change and delete: `plants.manage`\n- Key: `id`\n- Unique: `code`\n',
    );
    expect(plants).toMatch(/\| `organization_id` +\| `text` +\| `current_organization_id\(\)` +\| +\|/);
    expect(plants).toMatch(/\| `name` +\| `text` +\| +\| add, change +\|/);
    const members = page.slice(page.indexOf('### `members`'));
    expect(members).toContain(
      "- Read: `members.read` or rows whose `user_id` is one's own\n- Add, change and delete: no client\n",
    );
  });

  test('fail for what no migration has', async () => {
    await db.query('create view public.planted with (security_invoker = true) as select 1 as one');
    try {
      await expect(generateApi(db.url)).rejects.toThrow('planted');
    } finally {
      await db.query('drop view public.planted');
    }
  });
});

describe('the examples', () => {
  test('are there for every function of the client, and are what its schema takes', () => {
    const examples = [...files.values()].flatMap((text) =>
      [...text.matchAll(/^await client\.call\('(\w+)'(?:, (\{[\s\S]*?\}))?\);$/gm)].map(
        ([, name = '', input]) => ({
          name,
          input: input === undefined ? undefined : JSON5.parse<unknown>(input),
        }),
      ),
    );
    expect(examples.map(({ name }) => name).sort()).toEqual(Object.keys(inputs).sort());
    const refused = examples.filter(({ name, input }) => schemaOf(name)?.safeParse(input).success !== true);
    expect(refused).toEqual([]);
  });

  test('of reading are there for every table and view, and who is signed in may ask for it', async () => {
    const examples = [...files.values()].flatMap((text) =>
      [...text.matchAll(/^await client\s*\.from\('(\w+)'\)\s*\.select\('([\w, ]+)'\);$/gm)].map(
        ([, table = '', columns = '']) => ({ table, columns }),
      ),
    );
    expect(examples.map(({ table }) => table).sort()).toEqual(
      catalog.relations.flatMap(({ name, kind }) => (kind === 'type' ? [] : [name])).sort(),
    );
    await db.inRollback(async (client) => {
      await client.query('set local role authenticated');
      for (const { table, columns } of examples) {
        await client.query(`select ${columns} from public.${table} limit 0`);
      }
    });
  });

  test('are refused when they are wrong', () => {
    expect(schemaOf('grant_role')?.safeParse({ user_id: 'nobody', role_code: 'salesman' }).success).toBe(
      false,
    );
  });
});

test('the client takes the arguments that the functions take', () => {
  const differences = catalog.functions.flatMap(({ name, args }) => {
    const schema = schemaOf(name);
    if (!schema) return [`${name} is not in src/client/inputs.ts`];
    const shape = shapeOf(schema);
    const unknown = [
      ...args.filter((arg) => !(arg.name in shape)),
      ...Object.keys(shape)
        .filter((known) => !args.some((arg) => arg.name === known))
        .map((known) => ({ name: known })),
    ];
    // The client may ask for what has a default, and not leave out what has none.
    const lacking = args.filter((arg) => arg.default === null && shape[arg.name]);
    return [
      ...unknown.map((arg) => `${name}: one of both does not know ${arg.name}`),
      ...lacking.map((arg) => `${name}: the client lets ${arg.name} be left out`),
    ];
  });
  expect(differences).toEqual([]);
});

/** The arguments of a schema, and which of them may be left out. */
function shapeOf(schema: unknown): Record<string, boolean> {
  const holder = schema as { shape?: Record<string, { isOptional: () => boolean }>; unwrap?: () => unknown };
  if (holder.unwrap) return shapeOf(holder.unwrap());
  return Object.fromEntries(
    Object.entries(holder.shape ?? {}).map(([name, value]) => [name, value.isOptional()]),
  );
}

/** What a comment says of others than the function itself. */
const elsewhere = ['update_organization says organization.manage and does not ask for it'];

describe('the permissions', () => {
  test('that a comment gives to a function in parentheses exist', () => {
    const unknown = catalog.functions.flatMap(({ name, comment }) => {
      const { who = '' } = readFunctionComment(comment, catalog.permissions);
      const named = who.match(/[a-z][a-z_]*\.[a-z][a-z_]*/g) ?? [];
      return named.filter((code) => !catalog.permissions.has(code)).map((code) => `${name}: ${code}`);
    });
    expect(unknown).toEqual([]);
  });

  test('that a function asks for stand in its comment, and it asks for those that stand there', async () => {
    const functions = await withConnection(db.url, readFunctions);
    const tokens = new Map(functions.map((fn) => [`${fn.schema}.${fn.name}`, sqlTokens(fn.body)]));
    /** What a function asks for by itself, and, to a depth, what those that it calls ask for. */
    const asked = (name: string, questions: string[], depth: number): string[] =>
      calls(tokens.get(name) ?? [], 'private').flatMap((call) => [
        ...(questions.includes(call.name) ? (call.args[0]?.tokens ?? []) : [])
          .filter(({ kind, text }) => kind === 'text' && catalog.permissions.has(text))
          .map(({ text }) => text),
        ...(depth > 0 ? asked(`private.${call.name}`, questions, depth - 1) : []),
      ]);
    const differences = catalog.functions.flatMap(({ name, comment }) => {
      const named = permissionsIn(comment, catalog.permissions);
      const required = new Set(asked(`public.${name}`, ['require_permission'], 1));
      const anywhere = new Set(
        asked(`public.${name}`, ['require_permission', 'has_permission', 'organization_with'], 5),
      );
      return [
        ...[...required]
          .filter((code) => !named.includes(code))
          .map((code) => `${name} requires ${code} and does not say so`),
        ...named
          .filter((code) => !anywhere.has(code))
          .map((code) => `${name} says ${code} and does not ask for it`),
      ];
    });
    expect(differences).toEqual(elsewhere);
  });
});
