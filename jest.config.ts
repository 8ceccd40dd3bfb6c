import type { Config } from 'jest'

const config: Config = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/{contracts,events,ports,producers,consumers,infra,bench,tests}/**/*.test.ts'],
  testPathIgnorePatterns: ['<rootDir>/tests/slow/', '/node_modules/', '/dist/', '/\\.cache/', '/\\.local/'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/\\.cache/', '<rootDir>/\\.local/'],
  extensionsToTreatAsEsm: [],
  globalSetup: '<rootDir>/tests/global-setup.ts',
  globalTeardown: '<rootDir>/tests/global-teardown.ts',
  transform: {
    '\\.[mc]?[tj]s$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2023' },
        module: { type: 'commonjs' },
      },
    ],
  },
  // These packages ship ES modules only; jest runs CommonJS, so they are transformed too.
  transformIgnorePatterns: ['/node_modules/(?!(jose|jsoncompat|thumbhash)/)'],
  // Five seconds are not enough where the machine has other things to do.
  testTimeout: 30_000,
  maxWorkers: 2,
}

export default config
