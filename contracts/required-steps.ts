/** What must have succeeded before a media of one kind is ready. */
export interface Requirements {
  /** What makes the forms that people see. */
  readonly steps: readonly string[]
  /** What guards them: nothing of a media is served before these have passed. An environment may switch one off. */
  readonly checks: readonly string[]
}

/** By kind of media. What is not named here never holds a media up: streams, early forms, transcripts. */
export const REQUIREMENTS: Readonly<Record<string, Requirements>> = {
  image: {
    steps: ['extract-metadata', 'optimize-image'],
    checks: ['scan-malware', 'moderate-content'],
  },
  video: {
    steps: ['extract-metadata', 'generate-thumbnail', 'compress-video'],
    checks: ['scan-malware', 'moderate-content'],
  },
  voice: { steps: ['extract-metadata', 'process-voice'], checks: ['scan-malware'] },
  // Whatever it shows, it is saved and not shown: docs/decisions/026-pictures-as-files.md.
  file: { steps: ['extract-metadata', 'process-file'], checks: ['scan-malware'] },
  profile: {
    steps: ['extract-metadata', 'optimize-image'],
    checks: ['scan-malware', 'moderate-content', 'detect-face'],
  },
}

/** Every step that is a check. */
export const CHECKS: readonly string[] = everyOne(({ checks }) => checks)

/** Every required step that makes something, and judges nothing. */
export const MAKING_STEPS: readonly string[] = everyOne(({ steps }) => steps)

function everyOne(part: (requirements: Requirements) => readonly string[]): readonly string[] {
  return [...new Set(Object.values(REQUIREMENTS).flatMap(part))].sort()
}

/**
 * The steps without which a media of this kind is not ready, where these checks are switched on. Frozen into each
 * media's document on the day of its upload, so that a later change touches no media that is under way. Of a kind that
 * isn't known, a newer build's, nobody knows which checks it needs: it needs all of them.
 */
export function requiredSteps(kind: string, enabledChecks: readonly string[]): readonly string[] {
  const { steps, checks } = REQUIREMENTS[kind] ?? { steps: [], checks: CHECKS }
  return [...steps, ...checks.filter((check) => enabledChecks.includes(check))]
}
