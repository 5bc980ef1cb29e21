import { runInNewContext } from 'node:vm';
import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** What Temporal puts into the sandbox beside the language itself. */
const injected = [
  ...['URL', 'URLSearchParams', 'TextEncoder', 'TextDecoder', 'AbortController', 'console', 'assert'],
  ...['setTimeout', 'clearTimeout'],
];
/** Node's globals that the sandbox, a bare context, lacks: using one compiles, then fails at run time. */
const bare = new Set(runInNewContext('Object.getOwnPropertyNames(globalThis)'));
const globalsMissingInSandbox = [
  ...Object.getOwnPropertyNames(globalThis).filter((name) => !bare.has(name) && !injected.includes(name)),
  // Not missing, but ways round this list.
  ...['globalThis', 'global', 'require', 'module'],
];

export default defineConfig(
  {
    ignores: [
      'dist/**',
      'coverage/**',
      'node_modules/**',
      '.cache/**',
      'demo-output/**',
      'test/consumers/own-worker/**',
      // AssemblyScript, which its own compiler checks.
      'assembly/**',
    ],
  },
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
      'no-restricted-globals': ['error', ...new Set(globalsMissingInSandbox)],
      'no-restricted-syntax': [
        'error',
        { selector: 'ImportExpression', message: 'The sandbox can not load code later on.' },
      ],
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              // No Node built-ins, with or without `node:`; no zod, which costs a megabyte for each cached workflow; no clients.
              regex: '^(?!@temporalio/(workflow|common)$|\\./|\\.\\./model/|\\.\\./activities/)',
              message:
                'Workflow code may use @temporalio/workflow, @temporalio/common, its own folder and model/ only.',
            },
            {
              regex: '^\\.\\./activities/',
              allowTypeImports: true,
              message: 'Workflows take the types of activities, never their values.',
            },
          ],
        },
      ],
    },
  },
  { files: ['*.config.js'], ...tseslint.configs.disableTypeChecked },
);
