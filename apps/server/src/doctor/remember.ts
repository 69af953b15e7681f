import type { Store } from '#server/db/stores.ts'
import type { Doctor } from './doctor.ts'

/** Keeps what was found, so that a guide can say later what is in order: of the settings as they were when it began. */
export function rememberingDoctor(doctor: Doctor, store: Store): Doctor {
  return {
    async examine(tenantId, channel, options) {
      const record = await store.stores.tenants.channel(tenantId, channel)
      const diagnosis = await doctor.examine(tenantId, channel, options)
      // What was given up says nothing of what was not looked at.
      if (record === null || diagnosis?.isComplete !== true) return diagnosis
      const { at } = diagnosis
      const findings = diagnosis.findings.map(({ id, status, optional = false }) => ({ id, status, optional }))
      await store.run((tx) => tx.diagnoses.put({ tenantId, channel, at, settingsAt: record.updatedAt, findings }))
      return diagnosis
    },
  }
}
