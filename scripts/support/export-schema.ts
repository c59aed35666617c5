import { buildSchemaExport } from '@supabase/pg-delta/frontends';
import { supabaseProfile, type IntegrationProfile } from '@supabase/pg-delta/integrations';
import pg from 'pg';
import { isMonthlyPart } from '../../src/verify/read-objects.ts';
import { sqlStyle } from './format-sql.ts';
import type { Generated } from './generated.ts';
import { meaning, splitStatements } from './sql-statements.ts';

/**
 * What is Rowhouse's: the rules of the Supabase profile, without graphile-migrate's tables, the platform's extensions
 * and schema `public` itself. Scheduled jobs are rows and left out; so is what an owner may do with what it owns.
 */
const profile: IntegrationProfile = {
  id: 'rowhouse',
  handlers: [],
  policy: {
    id: 'rowhouse',
    filter: [
      {
        match: {
          any: [{ schema: 'graphile_migrate' }, { all: [{ kind: 'schema' }, { name: 'graphile_migrate' }] }],
        },
        action: 'exclude',
      },
      {
        match: {
          all: [{ kind: 'extension' }, { name: ['pgcrypto', 'uuid-ossp', 'pg_net', 'pgmq', 'pg_cron'] }],
        },
        action: 'exclude',
      },
      {
        match: { all: [{ kind: 'acl' }, { idField: { field: 'grantee', glob: 'postgres' } }] },
        action: 'exclude',
      },
      {
        match: {
          all: [
            { kind: ['acl', 'comment'] },
            { target: { kind: 'schema', name: ['public', 'graphile_migrate'] } },
          ],
        },
        action: 'exclude',
      },
    ],
    extends: supabaseProfile.policy ? [supabaseProfile.policy] : [],
  },
};

/**
 * Exports the schema of a migrated database, one file per object.
 *
 * @param url a connection string of role `postgres`
 * @returns the files of supabase/schemas, the same for the same schema
 */
export async function exportSchema(url: string): Promise<Generated> {
  const pool = new pg.Pool({ connectionString: url, max: 1 });
  try {
    const { files } = await buildSchemaExport(pool, { profile, layout: 'by-object', format: sqlStyle });
    const entries = await Promise.all(
      files
        .filter(({ name }) => !isMonthlyPart(name))
        .map(async ({ name, sql }): Promise<[string, string]> => [
          `supabase/schemas/${name.replace(/^schemas\//, '')}`,
          await withoutNeedlessQuotes(sql),
        ]),
    );
    return { command: 'npm run generate', folder: 'supabase/schemas', files: new Map(entries) };
  } finally {
    await pool.end();
  }
}

/** Names as people write them: `public.users` instead of `"public"."users"`, where that means the same. */
async function withoutNeedlessQuotes(sql: string): Promise<string> {
  const { statements } = await splitStatements(sql);
  const plain = await Promise.all(
    statements.map(async ({ text }) => {
      const unquoted = text.replace(
        /\$(\w*)\$[\s\S]*?\$\1\$|'(?:[^']|'')*'|"([a-z_][a-z0-9_]*)"/g,
        (match, _tag, name?: string) => name ?? match,
      );
      const isSame = await meaning(unquoted).then(
        async (tree) => tree === (await meaning(text)),
        () => false,
      );
      return `${isSame ? unquoted : text};\n`;
    }),
  );
  return plain.join('\n');
}
