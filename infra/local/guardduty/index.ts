export { clamAv } from './clamav.ts'
export { createGuardDuty, type GuardDuty } from './guardduty.ts'
export type { Scanner, Verdict } from './scanner.ts'
export { testFileScanner } from './test-file-scanner.ts'
