// Jest runs the TypeScript as it stands, through swc to CommonJS. ES modules among the packages load by require, for which
// Node wants --experimental-vm-modules: npx takes it from .npmrc, make test gives it.
/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'commonjs' } },
    ],
  },
  testPathIgnorePatterns: ['/node_modules/', '<rootDir>/test/bench/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.toolchain/'],
  testSequencer: '<rootDir>/test/sequencer.js',
  globalSetup: '<rootDir>/test/servers.setup.ts',
  globalTeardown: '<rootDir>/test/servers.teardown.ts',
  testTimeout: 30_000,
};
