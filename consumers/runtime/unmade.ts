import { type Failed, failed, type Rejected, rejected } from './outcomes.ts'

/** What a port answers where it made nothing. */
export interface Unmade {
  /** Of the file, so that its sender can act, or ours. */
  readonly fault: 'file' | 'ours'
  readonly code: string
  readonly message: string
}

/** The outcome that this amounts to: the file is refused, or we have failed. */
export function unmade(problem: Unmade): Rejected | Failed {
  return problem.fault === 'file' ? rejected(problem) : failed(problem)
}
