import { generate } from 'selfsigned'

/** A key and a certificate for this machine's names, made for this run alone. */
export interface Certificate {
  key: string
  /** PEM; whoever trusts it can verify this server. */
  cert: string
}

/** Makes a certificate that signs itself: clients accept it only when told to trust it, or not to look. */
export async function makeCertificate(): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], {
    keyType: 'ec',
    algorithm: 'sha256',
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '::1' },
        ],
      },
    ],
  })
  return { key, cert }
}
