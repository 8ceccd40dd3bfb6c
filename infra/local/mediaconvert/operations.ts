import { AwsError } from '../aws-json/error.ts'
import type { RestCall, RestOperation } from '../aws-json/serve-rest.ts'
import type { Cloud } from '../cloud.ts'
import type { ServiceEvent } from '../eventbridge/event.ts'
import type { Catalogue } from './catalogue.ts'
import { describeJob, describeQueue, describeTemplate } from './describe.ts'
import { jobEvent } from './events.ts'
import { isOpen, type Job, type Jobs } from './jobs.ts'
import { mergeSettings } from './merge.ts'
import { readPlan } from './read-plan.ts'
import type { Runner } from './runner.ts'
import { SettingsReader } from './settings-reader.ts'

export interface OperationParts {
  readonly catalogue: Catalogue
  readonly jobs: Jobs
  readonly runner: Pick<Runner, 'wake' | 'cancel'>
  readonly publish: (event: ServiceEvent) => void
  readonly endpoint: () => string
}

const ROOT = '/2017-08-29'
const MAX_PAGE = 20
/** How long AWS remembers a ClientRequestToken. */
const TOKEN_MS = 60_000
const INTERVALS = [10, 12, 15, 20, 30, 60, 120, 180, 240, 300, 360, 420, 480, 540, 600].map((s) => `SECONDS_${s}`)

/** https://docs.aws.amazon.com/mediaconvert/latest/apireference/resources.html */
export function createOperations(cloud: Cloud, parts: OperationParts): readonly RestOperation[] {
  const { catalogue, jobs, runner, publish, endpoint } = parts
  const jobOf = ({ names }: RestCall): Job => {
    const job = jobs.find(names['id'] ?? '')
    if (!job) throw notFound(`The job ${names['id']}`)
    return job
  }
  return [
    {
      method: 'POST',
      path: `${ROOT}/jobs`,
      statusCode: 201,
      run: ({ body }) => ({ job: describeJob(cloud, createJob(cloud, parts, body)) }),
    },
    { method: 'GET', path: `${ROOT}/jobs/:id`, run: (call) => ({ job: describeJob(cloud, jobOf(call)) }) },
    {
      method: 'GET',
      path: `${ROOT}/jobs`,
      run({ query }) {
        const status = query.get('status')
        const queue = query.get('queue')
        const arn = queue === null ? undefined : catalogue.queue(queue)?.arn
        if (queue !== null && arn === undefined) throw notFound(`The queue ${queue}`)
        const found = jobs
          .list()
          .filter((job) => (status === null || job.status === status) && (arn === undefined || job.queue === arn))
        return page(query, 'jobs', found, (job) => describeJob(cloud, job))
      },
    },
    {
      method: 'DELETE',
      path: `${ROOT}/jobs/:id`,
      statusCode: 202,
      run(call) {
        cloud.db.transaction(() => {
          const job = jobOf(call)
          if (!isOpen(job)) throw new AwsError('ConflictException', `The job ${job.id} is ${job.status} already.`, 409)
          const canceled: Job = { ...job, status: 'CANCELED', finishedAt: cloud.now() }
          jobs.save(canceled)
          publish(jobEvent(cloud, canceled, 'CANCELED'))
        })
        runner.cancel(call.names['id'] ?? '')
        return {}
      },
    },
    {
      method: 'GET',
      path: `${ROOT}/jobTemplates/:name`,
      run({ names }) {
        const template = catalogue.template(names['name'] ?? '')
        if (!template) throw notFound(`The job template ${names['name']}`)
        return { jobTemplate: describeTemplate(template) }
      },
    },
    {
      method: 'GET',
      path: `${ROOT}/jobTemplates`,
      run({ query }) {
        const category = query.get('category')
        const found = catalogue.templates().filter((one) => category === null || one.category === category)
        return page(query, 'jobTemplates', found, describeTemplate)
      },
    },
    {
      method: 'GET',
      path: `${ROOT}/queues/:name`,
      run({ names }) {
        const queue = catalogue.queue(names['name'] ?? '')
        if (!queue) throw notFound(`The queue ${names['name']}`)
        return { queue: describeQueue(queue, jobs.open()) }
      },
    },
    {
      method: 'GET',
      path: `${ROOT}/queues`,
      run({ query }) {
        const open = jobs.open()
        return page(query, 'queues', catalogue.queues(), (queue) => describeQueue(queue, open))
      },
    },
    { method: 'POST', path: `${ROOT}/endpoints`, run: () => ({ endpoints: [{ url: endpoint() }] }) },
  ]
}

/**
 * Takes a job; asked again with the same token within a minute, it answers with the one that it took.
 * https://docs.aws.amazon.com/mediaconvert/latest/apireference/idempotency.html
 */
function createJob(
  cloud: Cloud,
  { catalogue, jobs, runner }: OperationParts,
  body: Readonly<Record<string, unknown>>,
): Job {
  const request = new SettingsReader(body, '')
  const token = request.optionalText('clientRequestToken')
  const now = cloud.now()
  const known = token === undefined ? undefined : jobs.findByToken(token, now - TOKEN_MS)
  if (known) return known

  const templateName = request.optionalText('jobTemplate')
  const template = templateName === undefined ? undefined : catalogue.template(templateName)
  if (templateName !== undefined && !template) throw notFound(`The job template ${templateName}`)
  const queueName = request.optionalText('queue') ?? template?.queue ?? 'Default'
  const queue = catalogue.queue(queueName)
  if (!queue) throw notFound(`The queue ${queueName}`)
  const role = request.text('role')
  if (!/^arn:aws:iam::\d{12}:role\/.+/.test(role)) request.fail('role', 'must be the ARN of a role')
  const statusUpdateInterval =
    request.optionalOneOf('statusUpdateInterval', INTERVALS) ?? template?.statusUpdateInterval ?? 'SECONDS_60'
  const priority = request.optionalNumber('priority', -50, 50) ?? template?.priority ?? 0
  request.object('accelerationSettings').optionalOneOf('mode', ['DISABLED'])
  request.optionalOneOf('billingTagsSource', ['QUEUE', 'PRESET', 'JOB_TEMPLATE', 'JOB'])
  request.optionalOneOf('simulateReservedQueue', ['DISABLED'])
  const userMetadata = textMap(request, 'userMetadata')
  textMap(request, 'tags')
  const own = body['settings'] ?? {}
  if (typeof own !== 'object' || Array.isArray(own)) request.fail('settings', 'must be an object')
  request.has('settings')
  request.refuseUnread()
  const settings = mergeSettings(template?.settings ?? {}, own) as Readonly<Record<string, unknown>>
  readPlan(settings)

  const job: Job = {
    id: newId(cloud, now),
    status: 'SUBMITTED',
    role,
    queue: queue.arn,
    ...(template && { jobTemplate: template.arn }),
    settings,
    userMetadata,
    ...(token !== undefined && { clientRequestToken: token }),
    priority,
    statusUpdateInterval,
    createdAt: now,
  }
  cloud.db.transaction(() => {
    jobs.add(job)
    cloud.db.afterCommit(runner.wake)
  })
  return job
}

function textMap(request: SettingsReader, name: string): Readonly<Record<string, string>> {
  const holder = request.object(name)
  return Object.fromEntries(holder.names().map((key) => [key, holder.text(key)]))
}

/** As AWS makes them: the time, then six characters. */
function newId(cloud: Cloud, now: number): string {
  return `${now}-${BigInt(`0x${cloud.uuid().replaceAll('-', '')}`)
    .toString(36)
    .slice(-6)}`
}

/** One page of items in their order, or in the other one; the token is how many came before. */
function page<T>(query: URLSearchParams, member: string, items: readonly T[], describe: (item: T) => object): object {
  const limit = Number(query.get('maxResults') ?? MAX_PAGE)
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE)
    throw new AwsError('BadRequestException', `maxResults must be an integer from 1 to ${MAX_PAGE}.`)
  const ordered = query.get('order') === 'DESCENDING' ? items.toReversed() : items
  const from = Number(query.get('nextToken') ?? 0)
  if (!Number.isInteger(from) || from < 0) throw new AwsError('BadRequestException', 'nextToken is none of ours.')
  return {
    [member]: ordered.slice(from, from + limit).map(describe),
    ...(ordered.length > from + limit && { nextToken: String(from + limit) }),
  }
}

function notFound(what: string): AwsError {
  return new AwsError('NotFoundException', `${what} does not exist.`, 404)
}
