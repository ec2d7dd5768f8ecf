// Devices as one byte: device type × platform. Both lists are append-only, because views store the byte.

export const deviceTypes = ['Desktop', 'Mobile', 'Tablet', 'Other'] as const;
export const platforms = ['macOS', 'Windows', 'iOS', 'Android', 'Linux', 'ChromeOS', 'Other'] as const;

export type DeviceType = (typeof deviceTypes)[number];
export type Platform = (typeof platforms)[number];
export type Device = { readonly type: DeviceType; readonly platform: Platform };

/** 0 when the login carried no user agent; else 1 + type × 16 + platform. */
export type DeviceCode = number;
export const unknownDevice: DeviceCode = 0;

const platformsMax = 16;

export function encodeDevice(device: Device): DeviceCode {
  return 1 + deviceTypes.indexOf(device.type) * platformsMax + platforms.indexOf(device.platform);
}

/** Null for the unknown device, and for a code of a newer version. */
export function decodeDevice(code: DeviceCode): Device | null {
  if (code === unknownDevice) return null;
  const type = deviceTypes[Math.floor((code - 1) / platformsMax)];
  const platform = platforms[(code - 1) % platformsMax];
  return type === undefined || platform === undefined ? null : { type, platform };
}

/** Reads a user-agent string; given to the fold from outside, because parsing one takes a library. */
export type DeviceOf = (userAgent: string) => DeviceCode;
