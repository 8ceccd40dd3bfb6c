import type { APIGatewayAuthorizerEvent } from 'aws-lambda'
import { portsFrom } from './compose.ts'
import { handle } from './handle.ts'

const ports = portsFrom(process.env)

export const handler = (event: APIGatewayAuthorizerEvent) => handle(event, ports)
