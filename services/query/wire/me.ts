// Who calls and which firms that is about, as the API gives them. The zod schemas here are the contract.
import { z } from 'zod';
import { accessStatuses, loginStates } from '../../core/derive/access.ts';
import { accessFilters, ratings } from '../../core/filter.ts';
import { listSorts } from '../../core/list.ts';
import { SettingsWire } from '../../core/settings.ts';
import { featureNames, permissionNames } from '../../core/views/access/state.ts';

/** The words of a principal's scopes and roles: the compiler minds when one is missing here. */
export const MeWire = z
  .object({
    name: z.string().meta({ description: 'As the audit log writes it.' }),
    isOpen: z.boolean().meta({ description: 'Nobody is asked who they are: this service answers on loopback alone.' }),
    role: z.enum(['owner', 'manager', 'adviser']).nullable().meta({ description: 'Null for keys.' }),
    firmId: z.string().nullable().meta({ description: 'The one firm it may ask about; null: any.' }),
    adviserId: z.string().nullable().meta({ description: 'Whose clients alone it may see; null: everybody’s.' }),
    scopes: z.array(z.enum(['read', 'export', 'ingest', 'settings', 'erase', 'operate'])),
    until: z.string().nullable().meta({ format: 'date-time', description: 'When it has to sign in again.' }),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof MeWire>;

/** What people read for what is told in codes. */
const LabelsWire = z
  .object({
    rating: z.record(z.enum(ratings), z.string()),
    accessStatus: z.record(z.enum(accessStatuses), z.string()),
    accessFilter: z.record(z.enum(accessFilters), z.string()),
    sort: z.record(z.enum(listSorts), z.string()),
    signal: z.record(z.enum(['login', 'email', 'message']), z.string()),
    loginState: z.record(z.enum(loginStates), z.string()),
    permission: z.record(z.enum(permissionNames), z.string()),
    feature: z.record(z.enum(featureNames), z.string()),
  })
  .meta({ id: 'Labels', description: 'What people read for what is told in codes.' });

export const FirmsWire = z
  .object({
    items: z
      .array(
        z
          .object({
            firmId: z.string(),
            dataSince: z
              .string()
              .nullable()
              .meta({ format: 'date-time', description: 'The earliest occurrence known.' }),
            settings: SettingsWire,
          })
          .meta({ id: 'Firm' }),
      )
      .meta({ description: 'Ascending by firm id.' }),
    labels: LabelsWire,
  })
  .meta({ id: 'Firms' });
export type Firms = z.infer<typeof FirmsWire>;
