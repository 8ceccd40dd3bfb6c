import { readAwsEvent } from './aws-event.ts'

const NAME = { source: 'aws.s3', detailType: 'Object Created' }

it('reads the event that is waited for, whatever else is in it', () => {
  const event = { source: 'aws.s3', 'detail-type': 'Object Created', time: '2026-03-01T10:00:00Z', detail: 7 }
  expect(readAwsEvent(JSON.stringify(event), NAME)).toEqual({ kind: 'event', event })
})

it.each([
  ['of another service', '{"source":"aws.ec2","detail-type":"Object Created"}', 'aws.ec2 says Object Created'],
  ['of another name', '{"source":"aws.s3","detail-type":"Object Deleted"}', 'aws.s3 says Object Deleted'],
  ['that is no object', 'null', 'undefined says undefined'],
  ['that is a list', '[1]', 'undefined says undefined'],
])('leaves news %s to others, and says what it was', (_, body, reason) => {
  expect(readAwsEvent(body, NAME)).toEqual({ kind: 'other', reason })
})

it('says why a body that is no JSON can not be read', () => {
  expect(readAwsEvent('{', NAME)).toEqual({ kind: 'unreadable', problem: expect.stringMatching(/^not JSON: ./) })
})
