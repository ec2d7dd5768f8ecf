// Tells opens by machines (privacy proxies, scanners) from opens by people, where a provider gives no more than a user agent.

/**
 * Apple's Mail Privacy Protection names itself by these words alone; Gmail loads images ahead under a browser of long ago.
 * GoogleImageProxy and YahooMailProxy are not here: these fetch when a person opens the email.
 */
const prefetchers: ReadonlySet<string> = new Set([
  'Mozilla/5.0',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/42.0.2311.135 Safari/537.36 Edge/12.246 Mozilla/5.0',
]);

const machineWords =
  /\b(?:bot|crawler|spider|scanner|headlesschrome|curl|wget|python-requests|go-http-client|barracuda|mimecast|proofpoint|trendmicro)\b|bot\//i;

/** True for an open that no person made; null when it cannot be told, which is what a usual user agent means. */
export function machineOpenBy(userAgent: string | null): true | null {
  if (userAgent === null) return null;
  return prefetchers.has(userAgent) || machineWords.test(userAgent) ? true : null;
}
