import { subscriberForm } from './forms.ts'
import { definitionsOf, eventNameOf, type Schema, type SchemaFile, titleOf, typeNameOf } from './schema.ts'

/**
 * The whole event as a subscriber gets it, for EventBridge's schema registry: JSON Schema draft 4, in the reader's open
 * form, so that code bound to it lives through newer minors.
 */
export function registryDocument(event: SchemaFile, envelope: SchemaFile): Schema {
  const detailType = `${eventNameOf(event)}.v${event.major}`
  const data = `${titleOf(event)}Data`
  const shapes = { ...definitionsOf(envelope), ...definitionsOf(event) }
  const text = { type: 'string' }
  return {
    $schema: 'http://json-schema.org/draft-04/schema#',
    title: detailType,
    description: event.schema['description'],
    'x-amazon-events-source': 'messageai.media',
    'x-amazon-events-detail-type': detailType,
    type: 'object',
    required: ['version', 'id', 'detail-type', 'source', 'account', 'time', 'region', 'resources', 'detail'],
    properties: {
      version: text,
      id: {
        ...text,
        description:
          "EventBridge's own: it changes when an event is replayed or forwarded. The event's is detail.meta.id.",
      },
      'detail-type': { ...text, enum: [detailType] },
      source: { ...text, enum: ['messageai.media'] },
      account: text,
      time: { ...text, format: 'date-time' },
      region: text,
      resources: { type: 'array', items: text },
      'replay-name': { ...text, description: 'Only on what an archive replays.' },
      detail: {
        type: 'object',
        required: ['meta', 'data'],
        properties: { meta: { $ref: `#/definitions/${titleOf(envelope)}` }, data: { $ref: `#/definitions/${data}` } },
      },
    },
    definitions: {
      [titleOf(envelope)]: subscriberForm(envelope.schema),
      [data]: subscriberForm(event.schema),
      ...Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [typeNameOf(name), subscriberForm(shape)])),
    },
  }
}
