// The certificates that Amazon SNS signs with: fetched from SNS itself and from nowhere else, and kept.
import { X509Certificate } from 'node:crypto';
import { type Fetch, fetchText, mayPass } from '../../runtime/pinned-fetch.ts';
import { snsHost } from './sns-message.ts';
import { type Refused, refused } from './verdicts.ts';

const fileName = /^SimpleNotificationService-[0-9A-Za-z]{1,64}\.pem$/;

/** SNS has one for a region and changes it about once a year. */
const certificatesMax = 64;

export type SnsCertificates = {
  /** The certificate at that address if it is valid at `now` (epoch ms) and SNS's own in the region of the topic. */
  find(url: string, topicArn: string, now: number): Promise<X509Certificate | Refused>;
};

export function snsCertificates(fetch: Fetch): SnsCertificates {
  const kept = new Map<string, Promise<X509Certificate | Refused>>();
  const load = (url: string) => {
    const known = kept.get(url);
    if (known !== undefined) return known;
    if (kept.size >= certificatesMax) kept.clear();
    const loading = fetchCertificate(fetch, url).then((loaded) => {
      if (!(loaded instanceof X509Certificate)) kept.delete(url);
      return loaded;
    });
    kept.set(url, loading);
    return loading;
  };
  return {
    async find(url, topicArn, now) {
      const origin = `https://${snsHost(topicArn)}/`;
      // The whole address, so that no port, user, query, other host or dotted path can be smuggled in.
      if (!url.startsWith(origin) || !fileName.test(url.slice(origin.length))) {
        return refused('body', `SigningCertURL is not an address of Amazon SNS in the topic's region, ${origin}….pem.`);
      }
      const loaded = await load(url);
      return loaded instanceof X509Certificate ? validAt(loaded, now) : loaded;
    },
  };
}

async function fetchCertificate(fetch: Fetch, url: string): Promise<X509Certificate | Refused> {
  const fetched = await fetchText(fetch, url);
  if (mayPass(fetched)) return refused('unreachable', 'The certificate of Amazon SNS could not be fetched just now.');
  if (typeof fetched === 'string' || fetched.status !== 200) {
    return refused('body', 'SigningCertURL names no certificate that Amazon SNS has.');
  }
  try {
    return new X509Certificate(fetched.text);
  } catch {
    return refused('body', 'What stands at SigningCertURL is no certificate.');
  }
}

function validAt(certificate: X509Certificate, now: number): X509Certificate | Refused {
  const [from, to] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()];
  if (now >= from && now <= to) return certificate;
  return refused('clock', 'The certificate is not valid now: it is an old one, or the clock of this machine is wrong.');
}
