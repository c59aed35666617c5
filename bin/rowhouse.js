#!/usr/bin/env node
// The command runs from the TypeScript sources: there is no build to forget.
import { register } from 'tsx/esm/api';

register();
const { main } = await import('../src/cli/main.ts');
await main(process.argv.slice(2));
