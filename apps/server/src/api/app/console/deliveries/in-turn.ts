/** One after the other, so that many are no burden to the database; each id once. */
export async function inTurn<Result>(ids: readonly string[], work: (id: string) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (const id of new Set(ids)) results.push(await work(id))
  return results
}
