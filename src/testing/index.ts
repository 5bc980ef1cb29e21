export * from './fake-clari/index.js';
