/** What infra tells a consumer's function; the names are those of its environment variables. */
export interface Environment {
  /** BUS_NAME */
  readonly busName: string
  /** MEDIA_BUCKET */
  readonly mediaBucket: string
  /** PROJECT_ID, of Firebase */
  readonly projectId: string
  /** DEAD_LETTER_QUEUE_URL, of the consumer's own queue */
  readonly deadLetterQueueUrl: string
  /** FIRESTORE_EMULATOR_HOST, only on a developer's machine */
  readonly firestoreEmulatorHost: string | undefined
}

/** @throws Error that names every variable that is missing. */
export function readEnvironment(variables: NodeJS.ProcessEnv): Environment {
  const missing: string[] = []
  const required = (name: string): string => {
    const value = variables[name]
    if (value === undefined || value === '') missing.push(name)
    return value ?? ''
  }
  const environment = {
    busName: required('BUS_NAME'),
    mediaBucket: required('MEDIA_BUCKET'),
    projectId: required('PROJECT_ID'),
    deadLetterQueueUrl: required('DEAD_LETTER_QUEUE_URL'),
    firestoreEmulatorHost: variables['FIRESTORE_EMULATOR_HOST'],
  }
  if (missing.length > 0) throw new Error(`the function's environment lacks ${missing.join(', ')}`)
  return environment
}
