// What a provider is: the pure way from what it sends to drafts of canonical events. Verification and transport stand
// apart, and whose the events are is found later: a draft has no firm and no client yet.
import type { z } from 'zod';
import type { EventTopic, eventSchemas } from '../../core/topics.ts';

/** Topics a provider's events can become. Profiles are not among them: a whole profile is more than any provider knows. */
export const draftTopics = [
  'login',
  'impersonation',
  'email',
  'message',
  'portal-access',
  'portal-activity',
  'support-request',
] as const satisfies readonly EventTopic[];
export type DraftTopic = (typeof draftTopics)[number];

/** A canonical event as a producer writes it, but for whose it is. */
export type Draft = {
  readonly [Topic in DraftTopic]: {
    readonly topic: Topic;
    readonly event: Readonly<Omit<z.input<(typeof eventSchemas)[Topic]>, 'firmId' | 'clientId'>>;
  };
}[DraftTopic];

/** Whom the payload is about, in the provider's own words. A source's rules make firm and client of it. */
export type Subject = {
  /** The provider's id of the user; null when it names none. */
  readonly userId: string | null;
  /** The address an email went to, or the user's; as it stands. */
  readonly email: string | null;
  /** What the sender put on the event itself (tags, metadata, custom arguments), and what tells tenants apart (realm, organisation). */
  readonly fields: Readonly<Record<string, string>>;
};

export type Mapped =
  | {
      readonly kind: 'event';
      readonly draft: Draft;
      readonly subject: Subject;
      /** A sentence for people: which field made it what it is. */
      readonly why: string;
      /** What was odd, yet no reason to refuse: an impossible IP, no time (then the arrival's stands). */
      readonly warnings: readonly string[];
    }
  /** Understood, and of no concern for engagement. */
  | { readonly kind: 'ignored'; readonly why: string }
  /** Should be an event and cannot be one: what is missing or wrong, by field, without the value. */
  | { readonly kind: 'unusable'; readonly detail: string };

/**
 * One item of what came: a JSON body or a Kafka value as it stands; of an array or of JSON lines each element alone (they
 * are cut before, so that a dead letter holds just the bytes it is about). An envelope of the provider's own stays whole.
 */
export type Arrival = {
  /** Parsed JSON; of a form, its fields as an object of texts. Anything: mappers look before they trust. */
  readonly body: unknown;
  /** Names in lower case. Over Kafka the message's headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** Epoch ms: when it reached us, or when the log appended it. */
  readonly arrivedAt: number;
  /** IANA zone of times that say none; the source's, UTC unless configured. */
  readonly zone: string;
};

export type Provider = {
  readonly name: string;
  /** As people write it: "Keycloak". */
  readonly title: string;
  /** The page of the provider's documentation that the mapping follows. */
  readonly documentation: string;
  /**
   * One outcome for each event in the body, in its order. Never throws, whatever the body is. `eventId` is the provider's
   * own, the same whenever the event is sent again; whose source it is gets put in front of it later. `sessionId` and
   * `messageId` stay as the provider has them, so that what two sources tell of one session counts once.
   */
  map(arrival: Arrival): readonly Mapped[];
};
