/** Where a card can be delivered: `dtv1.card//IM_ROBOT.<id>;IM_ROBOT.<id>` (create-and-deliver-cards page). */
export interface Space {
  type: string
  id: string
}

const PREFIX = 'dtv1.card//'
const MAX_LENGTH = 1_000
const known = ['IM_ROBOT', 'IM_GROUP', 'IM_SINGLE', 'ONE_BOX']

/** Reads an `openSpaceId`; undefined when it is not one. Upper and lower case are both seen in the documents. */
export function parseSpaces(openSpaceId: string): Space[] | undefined {
  if (openSpaceId.length > MAX_LENGTH || !openSpaceId.startsWith(PREFIX)) return undefined
  const spaces: Space[] = []
  for (const part of openSpaceId.slice(PREFIX.length).split(';')) {
    const match = /^([A-Za-z_]+)\.([^/;]+)$/.exec(part)
    const type = match?.[1]?.toUpperCase()
    const id = match?.[2]
    if (type === undefined || id === undefined || !known.includes(type)) return undefined
    spaces.push({ type, id })
  }
  return spaces
}
