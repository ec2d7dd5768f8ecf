// A certificate that signs itself, written out byte by byte, because node can read certificates and not make them.
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

export type Certified = { readonly privateKey: KeyObject; readonly pem: string };

export function selfSigned({ from, to }: { readonly from: Date; readonly to: Date }): Certified {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const name = sequence(set(sequence(commonName, element(0x0c, Buffer.from('sns.amazonaws.com')))));
  const validity = sequence(utcTime(from), utcTime(to));
  const subjectKey = publicKey.export({ format: 'der', type: 'spki' });
  const signed = sequence(element(0x02, Buffer.of(1)), sha256WithRsa, name, validity, name, subjectKey);
  const signature = element(0x03, Buffer.concat([Buffer.of(0), sign('sha256', signed, privateKey)]));
  const base64 = sequence(signed, sha256WithRsa, signature).toString('base64');
  return {
    privateKey,
    pem: `-----BEGIN CERTIFICATE-----\n${base64.replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`,
  };
}

const commonName = Buffer.from('0603550403', 'hex');
const sha256WithRsa = Buffer.from('300d06092a864886f70d01010b0500', 'hex');

function sequence(...parts: readonly Uint8Array[]): Buffer {
  return element(0x30, Buffer.concat(parts));
}

function set(part: Uint8Array): Buffer {
  return element(0x31, part);
}

function utcTime(date: Date): Buffer {
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(2, 14);
  return element(0x17, Buffer.from(`${digits}Z`));
}

function element(tag: number, content: Uint8Array): Buffer {
  const size = content.length;
  const length = size < 0x80 ? [size] : size < 0x100 ? [0x81, size] : [0x82, size >> 8, size & 0xff];
  return Buffer.concat([Buffer.of(tag, ...length), content]);
}
