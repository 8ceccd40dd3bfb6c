import { Duration } from 'aws-cdk-lib'
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { ITopic } from 'aws-cdk-lib/aws-sns'
import type { Construct } from 'constructs'

export interface AlarmOptions {
  readonly name: string
  /** What it means and what to do: the mail says no more than this. */
  readonly description: string
  readonly metric: IMetric
  /** It goes off above this. */
  readonly above: number
  /** Periods of the metric in a row; 1. */
  readonly periods?: number
  readonly topic: ITopic
}

export const ALARM_PERIOD = Duration.minutes(5)

/** Tells the topic when a metric stays above a value, and when it is below again. No data is no trouble. */
export function raiseAlarm(scope: Construct, id: string, options: AlarmOptions): Alarm {
  const alarm = new Alarm(scope, id, {
    alarmName: options.name,
    alarmDescription: options.description,
    metric: options.metric,
    threshold: options.above,
    comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    evaluationPeriods: options.periods ?? 1,
    treatMissingData: TreatMissingData.NOT_BREACHING,
  })
  const action = new SnsAction(options.topic)
  alarm.addAlarmAction(action)
  alarm.addOkAction(action)
  return alarm
}
