import { builtinModules } from 'node:module';
import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** What the workflow sandbox cannot load; `node:` spellings otherwise end in webpack's baffling UnhandledSchemeError. */
const nodeBuiltins = builtinModules.filter((name) => name !== 'assert').flatMap((name) => [name, `node:${name}`]);

/** Globals that a bare vm context lacks: using one compiles, then fails at run time. */
const globalsMissingInSandbox = [
  'process',
  'fetch',
  'Buffer',
  'crypto',
  'structuredClone',
  'performance',
  'atob',
  'btoa',
  'Event',
  'AbortSignal',
  'setImmediate',
];

export default defineConfig(
  { ignores: ['dist/**', 'coverage/**', 'node_modules/**', '.cache/**', 'demo-output/**'] },
  js.configs.recommended,
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['eslint.config.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/only-throw-error': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['src/workflows/**'],
    rules: {
      'no-restricted-globals': ['error', ...globalsMissingInSandbox],
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: [
            ...nodeBuiltins.map((name) => ({
              name,
              message: 'Workflow code runs in a sandbox without Node built-ins.',
            })),
            {
              name: 'zod',
              message: 'zod costs about 1 MB of memory for each cached workflow; use a guard from model/.',
            },
            ...['client', 'worker', 'activity', 'testing', 'envconfig'].map((name) => ({
              name: `@temporalio/${name}`,
              message: 'Not loadable inside the workflow sandbox.',
            })),
          ],
          patterns: [
            {
              group: ['**/activities/**', '**/activities'],
              allowTypeImports: true,
              message: 'Workflows take the types of activities, never their values.',
            },
            {
              regex: '^\\.\\./(?!model/|activities/)',
              allowTypeImports: false,
              message: 'Arrows run one way: workflows may use model/ (and the types of activities/) only.',
            },
          ],
        },
      ],
    },
  },
  { files: ['*.config.js'], ...tseslint.configs.disableTypeChecked },
);
