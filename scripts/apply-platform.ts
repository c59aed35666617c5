/**
 * Gives the database in GM_DBURL what Supabase provides: the hook that `.gmrc` names for a database that has just
 * been created. The URL is a superuser's; its password becomes that of the login roles.
 */
import { z } from 'zod';
import { withConnection } from '../src/postgres/connect.ts';
import { applyPlatform } from '../src/postgres/platform.ts';

const url = z.url({ error: 'GM_DBURL must be a superuser’s connection string' }).parse(process.env.GM_DBURL);
const password = decodeURIComponent(new URL(url).password);
await withConnection(url, (client) => applyPlatform(client, { password }));
