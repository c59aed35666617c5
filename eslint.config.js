import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

// What code means; how it looks is prettier's. Edge functions run in Deno and are type-checked by `deno check`, so the
// rules that need types leave them out.
const edgeFunctions = ['edge-functions/**/*.ts'];

export default defineConfig(
  globalIgnores(['**/node_modules/', 'dist/', 'coverage/', '.rowhouse/', 'src/client/database.types.ts']),
  {
    files: ['**/*.ts'],
    extends: [
      eslint.configs.recommended,
      tseslint.configs.strictTypeChecked,
      tseslint.configs.stylisticTypeChecked,
    ],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      // A number says as much in a message as its text would.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `() => undefined` and `() => {}` are both plain; an empty callback needs no body to say so.
      '@typescript-eslint/no-empty-function': ['error', { allow: ['arrowFunctions'] }],
      // `(resolve) => server.close(resolve)` is clearer on one line than with braces.
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // An empty text is no text where a default stands in for it.
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true } }],
      // A type parameter that only names what a query returns is how `pg` is typed.
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // What a caller hands over and a function does not need starts with an underscore.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-syntax': [
        'error',
        {
          selector: 'ClassDeclaration:not([superClass])',
          message: 'Write a function: classes are for errors only.',
        },
      ],
    },
  },
  {
    // vitest's `expect(object.method)` never calls the method without its object.
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
  {
    files: edgeFunctions,
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: { Deno: 'readonly' } },
  },
);
