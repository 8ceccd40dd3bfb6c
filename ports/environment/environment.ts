/** What infra can tell a function, by the names of its environment variables. */
export const VARIABLES = {
  /** `local`, `dev`, `prod`. */
  environment: 'ENVIRONMENT',
  /** The event bus. */
  busName: 'BUS_NAME',
  mediaBucket: 'MEDIA_BUCKET',
  /** Of Firebase. */
  projectId: 'PROJECT_ID',
  /** Of the function's own queue. */
  deadLetterQueueUrl: 'DEAD_LETTER_QUEUE_URL',
  /** `firebase`, or `emulator` on a developer's machine. */
  authMode: 'AUTH_MODE',
  /** The checks that are switched on: names of steps with commas between, or `none`. */
  checks: 'CHECKS',
  /** What MediaConvert reads and writes objects as. */
  mediaConvertRoleArn: 'MEDIACONVERT_ROLE_ARN',
  /** The name of the job template. */
  mediaConvertJobTemplate: 'MEDIACONVERT_JOB_TEMPLATE',
  mediaConvertQueueArn: 'MEDIACONVERT_QUEUE_ARN',
} as const

export type Variable = keyof typeof VARIABLES

/** Set on a developer's machine only: `host:port` of a Firestore that asks for no credentials. */
export const FIRESTORE_EMULATOR_HOST = 'FIRESTORE_EMULATOR_HOST'

/**
 * The variables that a function needs. Only composition calls this.
 * @throws Error that names every variable that is missing.
 */
export function readEnvironment<V extends Variable>(
  variables: NodeJS.ProcessEnv,
  needed: readonly V[],
): { readonly [name in V]: string } & { readonly firestoreEmulatorHost: string | undefined } {
  const missing = needed.filter((name) => !variables[VARIABLES[name]])
  if (missing.length > 0) {
    throw new Error(`the function's environment lacks ${missing.map((name) => VARIABLES[name]).join(', ')}`)
  }
  const found = Object.fromEntries(needed.map((name) => [name, variables[VARIABLES[name]] ?? '']))
  return { ...(found as { [name in V]: string }), firestoreEmulatorHost: variables[FIRESTORE_EMULATOR_HOST] }
}

/** Makes it at the first call and keeps it: adapters live as long as the function's sandbox. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

/** The names in CHECKS. */
export function checksOf(value: string): readonly string[] {
  return value === 'none' ? [] : value.split(',')
}
