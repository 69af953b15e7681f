import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ProvisioningFile } from '@countersign/contracts'

/** Writes a provisioning file (JSON is YAML) and returns its path. */
export function writeProvisioning(folder: string, file: ProvisioningFile): string {
  const path = join(folder, 'provisioning.json')
  writeFileSync(path, JSON.stringify(file, null, 2))
  return path
}
