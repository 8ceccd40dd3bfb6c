/** Takes one plain line for operators; never a token, a body or a file. */
export type Log = (message: string, fields: Readonly<Record<string, unknown>>) => void

/** One JSON object a line on stdout, as CloudWatch Logs Insights reads it. */
export const logLines: Log = (message, fields) => console.log(JSON.stringify({ ...fields, message }))
