// Operating faults as coded errors: what happened, to what, and what the reader can do next. Each code stands here once.

export const errorCodes = {
  demo_stuck: 'The demo did not finish.',
  config_invalid: 'The configuration has mistakes.',
  topic_missing: 'A topic is missing from the log.',
  table_missing: 'The DynamoDB table is missing or not usable.',
  log_unreachable: 'The log cannot be reached.',
  log_append_failed: 'A message may not be durable in the log.',
  registry_unreachable: 'The schema registry cannot be reached, or refuses us.',
  messages_lost: 'Retention deleted messages before they were read.',
  store_unreachable: 'The store cannot be reached.',
  store_throttled: 'The store refuses work faster than it may be retried.',
  store_refused: 'The store refuses our credentials or the request itself.',
  source_unreachable: 'A provider that is pulled cannot be reached.',
  source_refused: 'A provider that is pulled refuses our credentials or the request itself.',
  view_contended: 'Other projectors keep saving the same views first.',
  data_folder_locked: 'Another process projects into the same data folder.',
  format_unknown: 'A stored value has a format this version does not read.',
  roster_dropped: 'The list of a firm in memory cannot be kept up to date; it is loaded again.',
  firm_unknown: 'There is no such firm.',
  address_unusable: 'The address cannot be listened on.',
  data_folder_unwritable: 'What is written to the data folder cannot be committed: its disk is full, or fails.',
  file_unwritable: 'A file cannot be written.',
  usage: 'The command was called wrongly.',
} as const;

export type ErrorCode = keyof typeof errorCodes;

/** `retryable` faults may pass by themselves; fatal ones need somebody to act. */
export class OperatingError extends Error {
  readonly code: ErrorCode;
  readonly retryable: boolean;

  constructor(code: ErrorCode, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'OperatingError';
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** The code that Node and libraries put on their errors, as ENOENT; undefined where there is none. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
