import { ArnFormat, Stack } from 'aws-cdk-lib'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { Construct } from 'constructs'

const ACTIONS = {
  ask: ['mediaconvert:GetJob'],
  // One that can't be cancelled is asked whether it has ended.
  cancel: ['mediaconvert:GetJob', 'mediaconvert:CancelJob'],
} as const

/** What a role needs to ask for transcoding jobs, or to end them, too. Ids of jobs are MediaConvert's own. */
export function jobStatements(scope: Construct, access: keyof typeof ACTIONS | undefined): readonly PolicyStatement[] {
  if (access === undefined) return []
  const jobs = Stack.of(scope).formatArn({
    service: 'mediaconvert',
    resource: 'jobs',
    resourceName: '*',
    arnFormat: ArnFormat.SLASH_RESOURCE_NAME,
  })
  return [new PolicyStatement({ actions: [...ACTIONS[access]], resources: [jobs] })]
}
