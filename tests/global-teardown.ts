export { endRun as default } from './fixtures/once-per-run.ts'
