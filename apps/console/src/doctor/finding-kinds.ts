/** How each status looks. */
export const findingKinds = { failed: 'danger', warning: 'warning', unknown: 'info', ok: 'success' } as const
