import { createTenantTexts } from './tenant-texts.ts'

const tenant = {
  name: 'Acme',
  locale: null,
  timeZone: null,
  allowSelfApproval: false,
  coverageReport: true,
}

/** The words of a tenant that has none of its own. */
export const defaultTexts = createTenantTexts({
  stores: {
    tenants: { tenant: async (id) => ({ ...tenant, id }) },
    texts: { text: async () => null },
  },
  log: { warn: () => undefined },
})
