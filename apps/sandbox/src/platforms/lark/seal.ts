import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

/**
 * Encrypts a push body: AES-256-CBC under SHA-256(Encrypt Key), PKCS#7, base64 of IV and ciphertext
 * (send-notifications-to-developer-s-server.md). The IV is random unless a test vector fixes it.
 */
export function encrypt(encryptKey: string, plain: string, iv: Buffer = randomBytes(16)): string {
  const cipher = createCipheriv('aes-256-cbc', keyOf(encryptKey), iv)
  return Buffer.concat([iv, cipher.update(plain, 'utf8'), cipher.final()]).toString('base64')
}

/** The reverse of `encrypt`; throws when the key is wrong. */
export function decrypt(encryptKey: string, sealed: string): string {
  const bytes = Buffer.from(sealed, 'base64')
  const decipher = createDecipheriv('aes-256-cbc', keyOf(encryptKey), bytes.subarray(0, 16))
  return Buffer.concat([decipher.update(bytes.subarray(16)), decipher.final()]).toString('utf8')
}

/** Lowercase hex SHA-256 of timestamp, nonce, Encrypt Key and the raw body, in this order (step-3-receive-callbacks.md). */
export function sign(parts: { timestamp: string; nonce: string; encryptKey: string; body: string }): string {
  return createHash('sha256')
    .update(parts.timestamp + parts.nonce + parts.encryptKey + parts.body)
    .digest('hex')
}

/** The JS SDK's signature over ticket, nonce, time in ms and page address, in this order (step-2 page of web apps). */
export function signPage(parts: { ticket: string; nonce: string; timestamp: string; url: string }): string {
  const text = `jsapi_ticket=${parts.ticket}&noncestr=${parts.nonce}&timestamp=${parts.timestamp}&url=${parts.url}`
  return createHash('sha1').update(text).digest('hex')
}

function keyOf(encryptKey: string): Buffer {
  return createHash('sha256').update(encryptKey).digest()
}
