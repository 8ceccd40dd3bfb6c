import type { Config } from 'jest'
import root from '../../jest.config.ts'

/** Suites that take minutes, or that need programs which not every machine has. */
const config: Config = {
  ...root,
  rootDir: '../..',
  testMatch: ['<rootDir>/tests/slow/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/'],
  testTimeout: 600_000,
  // They use both cores by themselves.
  maxWorkers: 1,
}

export default config
