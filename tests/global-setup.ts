export { beginRun as default } from './fixtures/once-per-run.ts'
