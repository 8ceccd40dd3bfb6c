import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import { FAILURE_MARKS } from '../../consumers/runtime/failure-marks.ts'
import { ProcessingFailedV1 } from '../../contracts/generated/events.ts'
import { ALARM_PERIOD, raiseAlarm } from './alarm.ts'
import { physicalName } from './names.ts'
import type { NodeFunction, Platform } from './node-function.ts'

interface Emitter {
  readonly name: string
  readonly emits: readonly { readonly detailType: string }[]
}

export interface FailuresProps {
  readonly platform: Platform
  /** The function's name, and its group among the metrics. */
  readonly name: string
  readonly group: 'consumers' | 'producers'
  readonly fn: NodeFunction
  /** What has happened, and what to do. */
  readonly description: string
}

/** Whether it may say that we failed: without an error, a dead letter or lateness that would tell of it. */
export function saysFailures({ emits }: Emitter): boolean {
  return emits.some(({ detailType }) => detailType === ProcessingFailedV1.detailType)
}

/** An alarm on the lines of a function's log that say so. */
export class Failures extends Construct {
  constructor(scope: Construct, id: string, { platform, name, group, fn, description }: FailuresProps) {
    super(scope, id)
    const { config, alarms } = platform
    const lines = new MetricFilter(this, 'Lines', {
      logGroup: fn.handler.logGroup,
      filterPattern: FilterPattern.anyTerm(...FAILURE_MARKS),
      metricNamespace: physicalName(config, group),
      metricName: `${name}-failed`,
    })
    raiseAlarm(this, 'Failed', {
      name: physicalName(config, name, 'failed'),
      description,
      metric: lines.metric({ period: ALARM_PERIOD, statistic: 'Sum' }),
      above: 0,
      topic: alarms,
    })
  }
}
