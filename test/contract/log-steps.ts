// Steps that the log contract and its neighbours share: making messages, polling, committing, waiting.
import { encodeJson, readText } from '../../services/log/codec.ts';
import type { EventLog, LogMessage, LogReader, Loss, OutgoingMessage } from '../../services/log/port.ts';

const waitMsMax = 20_000;

export function numbered(count: number, keyOfIndex: (index: number) => string): OutgoingMessage[] {
  return Array.from({ length: count }, (_, index) => ({
    key: keyOfIndex(index),
    value: encodeJson(`message ${index}`),
  }));
}

export function textOf({ value }: LogMessage): string {
  return value === null ? '' : (readText(value) ?? '');
}

export function keyOf({ key }: LogMessage): string | null {
  return key === null ? null : readText(key);
}

export async function scanAll(log: EventLog, topic: string): Promise<LogMessage[]> {
  const found: LogMessage[] = [];
  for await (const message of log.scan(topic)) found.push(message);
  return found;
}

export async function pollAll(reader: LogReader, count: number, messagesMax = 1_000): Promise<LogMessage[]> {
  return (await pollBoth(reader, count, messagesMax)).messages;
}

export async function pollBoth(
  reader: LogReader,
  count: number,
  messagesMax = 1_000,
): Promise<{ messages: LogMessage[]; losses: Loss[] }> {
  const messages: LogMessage[] = [];
  const losses: Loss[] = [];
  await until(async () => {
    const polled = await reader.poll(200, messagesMax);
    messages.push(...polled.messages);
    losses.push(...polled.losses);
    return messages.length >= count;
  });
  return { messages, losses };
}

export async function commitAll(reader: LogReader, messages: readonly LogMessage[]): Promise<void> {
  const last = new Map(messages.map((message) => [`${message.topic}/${message.partition}`, message]));
  await reader.commit(
    [...last.values()].map(({ topic, incarnation, partition, offset }) => ({
      topic,
      incarnation,
      partition,
      offset: offset + 1,
    })),
  );
}

export async function until(isDone: () => Promise<boolean>, msMax = waitMsMax): Promise<void> {
  const deadline = Date.now() + msMax;
  while (!(await isDone())) {
    if (Date.now() > deadline) throw new Error(`nothing came within ${msMax} ms`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export function sentText({ value }: OutgoingMessage): string | null {
  return value === null ? null : readText(value);
}
