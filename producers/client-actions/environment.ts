/** @throws Error naming the variable that the function was deployed without. */
export function required(environment: NodeJS.ProcessEnv, name: string): string {
  const value = environment[name]
  if (value === undefined || value === '') throw new Error(`the environment variable ${name} is missing`)
  return value
}
