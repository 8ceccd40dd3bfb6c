import { subscriberForm } from './forms.ts'
import { definitionsOf, eventNameOf, type Schema, type SchemaFile, titleOf, typeNameOf, versionOf } from './schema.ts'

const SHAPES = '#/components/schemas/'

/**
 * Every event that the product says, as AsyncAPI 3 has it: one channel, the bus, with a message for each major of each
 * event. Subscribers get the reader's open form, so that code made from it lives through newer minors.
 */
export function asyncApiDocument(files: readonly SchemaFile[], envelope: SchemaFile): Schema {
  const events = files.filter(({ group }) => group === 'events')
  const names = events.map(keyOf)
  const shapes = Object.assign({}, ...[envelope, ...events].map(definitionsOf)) as Readonly<Record<string, Schema>>
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'MessageAI Media',
      version: versionOf(envelope),
      description:
        'What happens to the media of a chat, as events on an EventBridge bus. A newer minor may add fields and values of ' +
        'open lists: read what you know and ignore the rest.',
      license: { name: 'Apache-2.0' },
    },
    defaultContentType: 'application/json',
    channels: {
      bus: {
        address: 'messageai-media-{environment}',
        description:
          "An EventBridge custom bus; an event's name and major are its detail-type, its payload the detail.",
        parameters: { environment: { description: 'Which installation.', enum: ['local', 'dev', 'prod'] } },
        messages: Object.fromEntries(names.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
      },
    },
    operations: {
      publish: {
        action: 'send',
        summary: 'What the backend says.',
        channel: { $ref: '#/channels/bus' },
        messages: names.map((name) => ({ $ref: `#/channels/bus/messages/${name}` })),
      },
    },
    components: {
      messages: Object.fromEntries(events.map((event) => [keyOf(event), message(event, envelope)])),
      schemas: {
        [titleOf(envelope)]: subscriberForm(envelope.schema, SHAPES),
        ...Object.fromEntries(
          Object.keys(shapes)
            .sort()
            .map((name) => [typeNameOf(name), subscriberForm(shapes[name] ?? {}, SHAPES)]),
        ),
        ...Object.fromEntries(events.map((event) => [dataOf(event), subscriberForm(event.schema, SHAPES)])),
      },
    },
  }
}

function message(event: SchemaFile, envelope: SchemaFile): Schema {
  const detailType = `${eventNameOf(event)}.v${event.major}`
  const [meta = {}] = envelope.schema['examples'] as readonly object[]
  const told = {
    type: eventNameOf(event),
    version: versionOf(event),
    dataschema: event.schema['$id'],
  }
  return {
    name: detailType,
    title: detailType,
    summary: event.schema['description'],
    headers: {
      type: 'object',
      description: "Beside the detail, in EventBridge's own envelope.",
      required: ['source', 'detail-type'],
      properties: {
        source: { type: 'string', const: 'messageai.media' },
        'detail-type': { type: 'string', const: detailType },
      },
    },
    payload: {
      type: 'object',
      required: ['meta', 'data'],
      properties: {
        meta: { $ref: SHAPES + titleOf(envelope) },
        data: { $ref: SHAPES + dataOf(event) },
      },
    },
    examples: (event.schema['examples'] as readonly unknown[]).map((data) => ({
      headers: { source: 'messageai.media', 'detail-type': detailType },
      payload: { meta: { ...meta, ...told }, data },
    })),
  }
}

/** `ThumbnailReadyV2`: keys take no dots. */
function keyOf(event: SchemaFile): string {
  return titleOf(event)
}

function dataOf(event: SchemaFile): string {
  return `${titleOf(event)}Data`
}
