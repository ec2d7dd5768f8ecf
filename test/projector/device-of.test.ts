// User agents that portals see, and the device each one is.
import { type Device, decodeDevice } from '../../services/core/device.ts';
import { openDeviceOf, userAgentCharactersMax, userAgentsMax } from '../../services/projector/device-of.ts';

const webkit = 'AppleWebKit/537.36 (KHTML, like Gecko)';
const chrome = `${webkit} Chrome/126.0.0.0`;

const cases: readonly (readonly [name: string, userAgent: string, device: Device | null])[] = [
  [
    'Chrome on Windows',
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Safari/537.36`,
    { type: 'Desktop', platform: 'Windows' },
  ],
  [
    'Edge on Windows',
    `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${chrome} Safari/537.36 Edg/126.0.0.0`,
    { type: 'Desktop', platform: 'Windows' },
  ],
  [
    'Internet Explorer 11',
    'Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko',
    { type: 'Desktop', platform: 'Windows' },
  ],
  [
    'Safari on a Mac (and on an iPad that says it is one)',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15',
    { type: 'Desktop', platform: 'macOS' },
  ],
  [
    'Firefox on a Mac',
    'Mozilla/5.0 (Macintosh; Intel Mac OS X 14.5; rv:127.0) Gecko/20100101 Firefox/127.0',
    { type: 'Desktop', platform: 'macOS' },
  ],
  [
    'Safari on an iPhone',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1',
    { type: 'Mobile', platform: 'iOS' },
  ],
  [
    'Chrome on an iPhone',
    'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/126.0.6478.54 Mobile/15E148 Safari/604.1',
    { type: 'Mobile', platform: 'iOS' },
  ],
  [
    'an iPad that says so',
    'Mozilla/5.0 (iPad; CPU OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.5 Mobile/15E148 Safari/604.1',
    { type: 'Tablet', platform: 'iOS' },
  ],
  [
    'Chrome on an Android telephone',
    `Mozilla/5.0 (Linux; Android 10; K) ${chrome} Mobile Safari/537.36`,
    { type: 'Mobile', platform: 'Android' },
  ],
  [
    'Chrome on an Android tablet',
    `Mozilla/5.0 (Linux; Android 13; SM-X700) ${chrome} Safari/537.36`,
    { type: 'Tablet', platform: 'Android' },
  ],
  [
    'Samsung Internet',
    `Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S921B) ${webkit} SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36`,
    { type: 'Mobile', platform: 'Android' },
  ],
  [
    'an app in a web view',
    `Mozilla/5.0 (Linux; Android 14; Pixel 8; wv) ${webkit} Version/4.0 Chrome/126.0.0.0 Mobile Safari/537.36`,
    { type: 'Mobile', platform: 'Android' },
  ],
  [
    'a telephone made by Cubot',
    `Mozilla/5.0 (Linux; Android 9; CUBOT) ${chrome} Mobile Safari/537.36`,
    { type: 'Mobile', platform: 'Android' },
  ],
  [
    'Firefox on Ubuntu',
    'Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0',
    { type: 'Desktop', platform: 'Linux' },
  ],
  [
    'Firefox on Fedora',
    'Mozilla/5.0 (X11; Fedora; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0',
    { type: 'Desktop', platform: 'Linux' },
  ],
  [
    'Chrome on some Linux',
    `Mozilla/5.0 (X11; Linux x86_64) ${chrome} Safari/537.36`,
    { type: 'Desktop', platform: 'Linux' },
  ],
  [
    'a Chromebook',
    `Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) ${chrome} Safari/537.36`,
    { type: 'Desktop', platform: 'ChromeOS' },
  ],
  [
    'Windows Phone',
    `Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) ${webkit} Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15063`,
    { type: 'Mobile', platform: 'Windows' },
  ],
  [
    'PlayStation',
    'Mozilla/5.0 (PlayStation; PlayStation 5/3.03) AppleWebKit/605.1.15 (KHTML, like Gecko)',
    { type: 'Other', platform: 'Other' },
  ],
  [
    'a television',
    'Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/538.1 (KHTML, like Gecko) Version/6.0 TV Safari/538.1',
    { type: 'Other', platform: 'Other' },
  ],
  [
    'FreeBSD',
    'Mozilla/5.0 (X11; FreeBSD amd64; rv:109.0) Gecko/20100101 Firefox/115.0',
    { type: 'Other', platform: 'Other' },
  ],
  [
    'a bot',
    'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)',
    { type: 'Other', platform: 'Other' },
  ],
  [
    'a bot that plays telephone',
    `Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) ${chrome} Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)`,
    { type: 'Other', platform: 'Other' },
  ],
  ['a script', 'curl/8.5.0', { type: 'Other', platform: 'Other' }],
  ['nonsense', '\u0000\ud800 👾', { type: 'Other', platform: 'Other' }],
  ['an empty string', '  ', null],
];

test.each(cases)('%s', (_name, userAgent, device) => {
  expect(decodeDevice(openDeviceOf()(userAgent))).toEqual(device);
});

test('a device is the same after it was forgotten, and when asked twice', () => {
  const deviceOf = openDeviceOf();
  const iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15';
  const first = deviceOf(iphone);
  for (let index = 0; index <= userAgentsMax; index += 1) deviceOf(`agent ${index}`);
  expect([deviceOf(iphone), deviceOf(iphone)]).toEqual([first, first]);
});

test('what follows the longest length read does not matter', () => {
  const deviceOf = openDeviceOf();
  const long = `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${'x'.repeat(userAgentCharactersMax)}`;
  expect(decodeDevice(deviceOf(`${long} iPhone; CPU iPhone OS 17_5 like Mac OS X`))).toEqual({
    type: 'Desktop',
    platform: 'Windows',
  });
});
