// Lists of clients (design §9): what can be asked, and what a list gives. The zod schemas here are the contract.
import { z } from 'zod';
import { AsOfWire, CardWire, coverageOf, engagementOf, lastLoginOf } from './derive/card.ts';
import type { Known } from './derive/facts.ts';
import type { Frame } from './derive/frame.ts';
import type { ListedClient } from './derive/listed.ts';
import { accessFilters, ratings } from './filter.ts';
import type { ClientKey } from './ids.ts';
import { queryParameters } from './query-parameters.ts';
import { CalendarDate, formatInstant } from './time.ts';

export const listSorts = [
  'last_login',
  'engagement_rating',
  'created_at',
  'updated_at',
  'first_name',
  'last_name',
  'email',
  'next_review_date',
  'previous_review_date',
  'anniversary_date',
] as const;
export type ListSort = (typeof listSorts)[number];

const listOrders = ['asc', 'desc'] as const;
export type ListOrder = (typeof listOrders)[number];

/** Facets that are counted only where they are asked for. */
export const moreFacets = ['type', 'status'] as const;
export type MoreFacet = (typeof moreFacets)[number];

export const listLimitMax = 200;
const listLimitPreset = 50;
/** Values of one filter: more than a person pastes, and few enough to search for. */
const filterValuesMax = 200;

/**
 * One filter: values parted by commas, or repeated, or both; a comma within a value is written `\,`. Blanks are passed
 * over; nothing left is no filter.
 */
function valuesOf<Value extends string>(value: z.ZodType<Value, string>) {
  return z
    .union([z.string(), z.array(z.string())])
    .transform((given) => [given].flat().flatMap((text) => text.split(/(?<!\\),/)))
    .transform((values) =>
      [...new Set(values.map((one) => one.replaceAll('\\,', ',').trim()))].filter((one) => one !== ''),
    )
    .pipe(z.array(value).max(filterValuesMax))
    .optional()
    .transform((values) => (values === undefined || values.length === 0 ? undefined : values));
}

const anyText = z.string().max(1000);
export const adviserParameter = valuesOf(anyText).meta({ description: 'Any of these adviser ids.' });
const limitMessage = `must be a whole number from 1 to ${listLimitMax}`;

const listParameters = {
  access: valuesOf(z.enum(accessFilters)).meta({
    description: `Any of ${accessFilters.join(', ')}, by comma or repeated; they overlap.`,
  }),
  rating: valuesOf(z.enum(ratings)).meta({
    description: `Any of ${ratings.join(', ')}; \`none\` leaves out clients that never had a portal record.`,
  }),
  adviser: adviserParameter,
  name: valuesOf(anyText).meta({ description: 'Any of these parts of a name; case and accents are folded.' }),
  type: valuesOf(anyText).meta({ description: 'Any of these client types, as the profile writes them.' }),
  status: valuesOf(z.enum(['active', 'inactive', 'all'])).meta({
    description: 'active, inactive or all; all unless given.',
  }),
  sort: z.enum(listSorts).default('last_name').meta({
    description:
      'Ratings ascend from none over red and amber to green; within one the newest signal follows the order.',
  }),
  order: z.enum(listOrders).default('asc'),
  as_of: CalendarDate.optional().meta({
    description: 'As it was at the end of that local day; every filter and sort may be used.',
  }),
  limit: z
    .string()
    .regex(/^\d{1,9}$/, limitMessage)
    .default(String(listLimitPreset))
    .transform(Number)
    .pipe(z.int().min(1, limitMessage).max(listLimitMax, limitMessage))
    .meta({ description: `How many clients a page has, 1 to ${listLimitMax}.` }),
  cursor: z.string().max(4000).optional().meta({
    description: 'nextCursor of the page before, with the same firm, filters, sort and order; valid for 24 hours.',
  }),
  facets: valuesOf(z.enum(moreFacets)).meta({
    description: `More facets than there always are: any of ${moreFacets.join(', ')}.`,
  }),
};

export const ListQuery = queryParameters(listParameters);
export type ListQuery = z.infer<typeof ListQuery>;

/** A parameter that is given but empty, as forms send it, counts as absent. */
export function withoutBlanks(query: unknown): unknown {
  if (typeof query !== 'object' || query === null) return query;
  return Object.fromEntries(
    Object.entries(query).filter(([name, value]) => !(value === '' && Object.hasOwn(listParameters, name))),
  );
}

export const ListItemWire = CardWire.omit({ asOf: true })
  .extend({
    portalAccess: CardWire.shape.portalAccess.omit({ logins: true }),
    // The card alone hides these without access.
    engagement: CardWire.shape.engagement.unwrap(),
    logins: CardWire.shape.logins.unwrap(),
    lastSignals: CardWire.shape.lastSignals.unwrap(),
    nextReviewDate: z.string().nullable().meta({ format: 'date' }),
  })
  .meta({ id: 'Tile' });
export type ListItem = z.infer<typeof ListItemWire>;

const count = z.int().nonnegative();

export const ListWire = z
  .object({
    items: z.array(ListItemWire),
    total: count.meta({ description: 'Clients that match, on all pages together.' }),
    facets: z
      .object({
        rating: z.object({ green: count, amber: count, red: count, none: count }),
        access: z.object({
          has_portal_access: count,
          logged_in_recently: count,
          never_logged_in: count,
          no_portal_access: count,
        }),
        adviser: z.array(z.object({ id: z.string(), name: z.string().nullable(), count })),
        type: z
          .array(z.object({ type: z.string(), count }))
          .optional()
          .meta({ description: 'Only where `facets` asks for it.' }),
        status: z
          .object({ active: count, inactive: count })
          .optional()
          .meta({ description: 'Only where `facets` asks for it.' }),
      })
      .meta({ description: 'What choosing a value would return; the other filters stay as they are.' }),
    nextCursor: z.string().nullable().meta({ description: 'Null on the last page.' }),
    evaluatedAt: z.string().meta({ format: 'date-time', description: 'The instant that the whole walk is of.' }),
    asOf: AsOfWire.extend({
      partial: z.boolean().meta({ description: 'Some of the counts reach past what is remembered of single signals.' }),
    })
      .optional()
      .meta({ description: 'Only in answers to as_of.' }),
  })
  .meta({ id: 'List' });
export type List = z.infer<typeof ListWire>;

export function listItemOf(client: ClientKey, listed: ListedClient, frame: Frame, dataSince: number | null): ListItem {
  const { profile, access, signals } = listed;
  const { login, email, message } = signals.lastSignals;
  return {
    firmId: client.firmId,
    clientId: client.clientId,
    firstName: profile.firstName,
    lastName: profile.lastName,
    email: profile.email,
    type: profile.type,
    status: profile.status,
    adviser: profile.adviser,
    portalAccess: { has: access.has, status: listed.status },
    engagement: engagementOf(listed),
    lastLogin: lastLoginOf(listed, frame.at),
    logins: { ...signals.logins },
    lastSignals: { login: textOf(login), email: textOf(email), message: textOf(message) },
    coverage: coverageOf(listed, frame, dataSince),
    nextReviewDate: profile.nextReviewDate,
    evaluatedAt: formatInstant(frame.at),
  };
}

function textOf(known: Known | null): string | null {
  return known === null ? null : formatInstant(known.at);
}
