import { CHECKS } from '../../contracts/required-steps.ts'

export const ENVIRONMENTS = ['local', 'dev', 'prod'] as const
export type Environment = (typeof ENVIRONMENTS)[number]

/** What differs between environments; everything else is the same program. Times are days, unless a name says more. */
export interface EnvironmentConfig {
  readonly environment: Environment
  readonly region: string
  /** Twelve digits; left out, the template takes the account that deploys it. */
  readonly account?: string
  readonly firebase: FirebaseConfig
  /** `emulator` takes tokens that nobody signed: on one's own machine only. */
  readonly authMode: 'firebase' | 'emulator'
  /** Who is told when an alarm goes off. */
  readonly alarmEmail?: string
  readonly storage: StorageConfig
  readonly api: ApiConfig
  /** The checks that media must pass before it is shown, by their steps' names; those left out are not asked for. */
  readonly checks: readonly string[]
  /** How long events can be replayed. */
  readonly archive: number | 'forever'
  /** How long a message waits for its consumer; dead letters are kept 14 days. */
  readonly queueRetention: number
  /** One of CloudWatch's values. */
  readonly logRetention: number
}

export interface FirebaseConfig {
  readonly projectId: string
  /** How functions prove to Google who they are, without a key: docs/decisions/010-firestore-from-lambda.md. */
  readonly workloadIdentity?: WorkloadIdentity
}

export interface WorkloadIdentity {
  /** The number of the Google project that holds the pool; digits. */
  readonly projectNumber: string
  readonly pool: string
  readonly provider: string
  /** The service account that functions act as: `name@project.iam.gserviceaccount.com`. */
  readonly serviceAccount: string
}

export interface StorageConfig {
  /** Bucket names are taken world-wide: where this one is, choose another. */
  readonly bucketName: string
  /** Switches the bucket's accelerated endpoint on, which costs by what goes through it. No upload is signed for it yet. */
  readonly transferAcceleration: boolean
  /** When originals of photos move to Glacier Instant Retrieval, which is billed for 90 days at least. */
  readonly originalsColdAfter: number
  readonly accessLogs: number
  /** Web origins whose pages may upload and show media: `https://chat.example.com`, or `*` alone. */
  readonly corsOrigins: readonly string[]
}

export interface ApiConfig {
  readonly requestsPerSecond: number
  readonly burst: number
}

/** The configuration can't be used; one line a problem. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly problems: readonly string[]

  constructor(environment: string, problems: readonly string[]) {
    super(`infra/config/${environment}.ts can't be used:\n${problems.map((problem) => `  ${problem}`).join('\n')}`)
    this.problems = problems
  }
}

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
const LOG_RETENTIONS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]

/**
 * Gives the configuration back when every value of it can be used.
 * @throws ConfigError naming every problem.
 */
export function checkConfig(config: EnvironmentConfig): EnvironmentConfig {
  const problems = [
    ...check(
      /^[a-z]{2}(-[a-z]+)+-\d$/.test(config.region),
      `region is "${config.region}"; an AWS region looks like eu-central-1`,
    ),
    ...check(
      config.account === undefined || /^\d{12}$/.test(config.account),
      'account must be twelve digits, or left out',
    ),
    ...check(
      config.authMode === 'firebase' || config.environment === 'local',
      `authMode "emulator" takes tokens that nobody signed: allowed in local only; ${config.environment} needs "firebase"`,
    ),
    ...check(
      config.alarmEmail === undefined || /^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(config.alarmEmail),
      'alarmEmail is no e-mail address',
    ),
    ...wholeNumber('queueRetention', config.queueRetention, 1, 13, 'dead letters must outlive the queue, and keep 14'),
    ...(config.archive === 'forever' ? [] : wholeNumber('archive', config.archive, 1, 3653, 'or "forever"')),
    ...check(
      LOG_RETENTIONS.includes(config.logRetention),
      `logRetention is ${config.logRetention}; CloudWatch takes ${LOG_RETENTIONS.join(', ')}`,
    ),
    ...config.checks.flatMap((name) =>
      check(CHECKS.includes(name), `checks has "${name}"; the checks are ${CHECKS.join(', ')}`),
    ),
    ...checkFirebase(config.firebase),
    ...checkStorage(config),
    ...wholeNumber('api.requestsPerSecond', config.api.requestsPerSecond, 1, 10_000),
    ...wholeNumber('api.burst', config.api.burst, 1, 5_000),
  ]
  if (problems.length > 0) throw new ConfigError(config.environment, problems)
  return config
}

/**
 * What a deployment needs and synthesis doesn't: one sentence each, none when it can be deployed.
 */
export function missingForDeployment(config: EnvironmentConfig): readonly string[] {
  return [
    ...check(config.environment !== 'local', 'local runs on this machine: npm start runs it'),
    ...check(
      config.firebase.workloadIdentity !== undefined,
      'firebase.workloadIdentity is not set, so no function could reach Firestore: docs/decisions/010-firestore-from-lambda.md says how to make it',
    ),
    ...check(config.alarmEmail !== undefined, 'alarmEmail is not set, so alarms would reach nobody'),
  ]
}

function checkFirebase({ projectId, workloadIdentity }: FirebaseConfig): readonly string[] {
  return [
    ...check(
      /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/.test(projectId),
      `firebase.projectId is "${projectId}"; it has 6 to 30 lower-case letters, digits and hyphens`,
    ),
    ...(workloadIdentity === undefined
      ? []
      : [
          ...check(
            /^\d+$/.test(workloadIdentity.projectNumber),
            'firebase.workloadIdentity.projectNumber must be digits: the number of the project, not its id',
          ),
          ...check(
            workloadIdentity.serviceAccount.endsWith('.gserviceaccount.com'),
            'firebase.workloadIdentity.serviceAccount must end in .gserviceaccount.com',
          ),
          ...check(
            [workloadIdentity.pool, workloadIdentity.provider].every((id) => /^[a-z0-9-]{4,32}$/.test(id)),
            'firebase.workloadIdentity.pool and .provider have 4 to 32 lower-case letters, digits and hyphens',
          ),
        ]),
  ]
}

function checkStorage({ environment, storage }: EnvironmentConfig): readonly string[] {
  const everyone = storage.corsOrigins.includes('*')
  return [
    ...check(
      /^[a-z0-9][a-z0-9-]{1,57}[a-z0-9]$/.test(storage.bucketName),
      // Without dots, for transfer acceleration; short enough for the log bucket's `-logs`.
      `storage.bucketName is "${storage.bucketName}"; it has 3 to 58 lower-case letters, digits and hyphens`,
    ),
    ...wholeNumber('storage.originalsColdAfter', storage.originalsColdAfter, 1, 3653),
    ...wholeNumber('storage.accessLogs', storage.accessLogs, 1, 3653),
    ...check(storage.corsOrigins.length > 0, 'storage.corsOrigins is empty: no browser could upload'),
    ...check(
      !everyone || storage.corsOrigins.length === 1,
      'storage.corsOrigins has "*" beside others: "*" stands alone',
    ),
    ...check(!everyone || environment !== 'prod', 'storage.corsOrigins is "*": prod names its web origins'),
    ...storage.corsOrigins
      .filter((origin) => origin !== '*')
      .flatMap((origin) =>
        check(
          URL.canParse(origin) && new URL(origin).origin === origin,
          `storage.corsOrigins has "${origin}"; an origin is scheme and host, such as https://chat.example.com`,
        ),
      ),
  ]
}

function wholeNumber(name: string, value: number, min: number, max: number, reason?: string): readonly string[] {
  return check(
    Number.isInteger(value) && value >= min && value <= max,
    `${name} is ${value}; it is a whole number from ${min} to ${max}${reason === undefined ? '' : `: ${reason}`}`,
  )
}

function check(holds: boolean, problem: string): readonly string[] {
  return holds ? [] : [problem]
}
