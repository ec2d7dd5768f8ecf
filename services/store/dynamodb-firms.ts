// Firms and their settings as items of the one table: pk `firms`, sk the firm id.
import {
  ConditionalCheckFailedException,
  GetItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { FirmId } from '../core/ids.ts';
import { type Connection, forEachOf, type Item, textOf } from './dynamodb-connection.ts';
import type { FirmRecord, ViewStore } from './port.ts';

// No view's partition has this name, because those hold a "#".
const partition = { S: 'firms' };

/** What was noted is remembered for so many firms, so that noting it again costs nothing. */
const firmsRememberedMax = 100_000;

type Firms = Pick<ViewStore, 'noteFirms' | 'listFirms' | 'loadFirm' | 'saveSettings'>;

export function firmsOf(connection: Connection): Firms {
  /** The earliest instant known to be stored; Infinity for a firm known without one. */
  const noted = new Map<FirmId, number>();

  return {
    async noteFirms(firms) {
      const news = new Map<FirmId, number>();
      for (const { firmId, dataSince } of firms) {
        const since = dataSince ?? Number.POSITIVE_INFINITY;
        const known = noted.get(firmId);
        if (known !== undefined && known <= since) continue;
        news.set(firmId, Math.min(since, news.get(firmId) ?? since));
      }
      await forEachOf([...news], connection.requestConcurrencyMax, async ([firmId, since]) => {
        await noteFirm(connection, firmId, since);
        if (noted.size >= firmsRememberedMax) noted.clear();
        noted.set(firmId, since);
      });
    },

    async listFirms() {
      const firms: FirmRecord[] = [];
      let after: Item | undefined;
      do {
        const page = await connection.run('Query', (client) =>
          client.send(
            new QueryCommand({
              TableName: connection.table,
              KeyConditionExpression: 'pk = :pk',
              ExpressionAttributeValues: { ':pk': partition },
              ConsistentRead: true,
              ExclusiveStartKey: after,
            }),
          ),
        );
        for (const item of page.Items ?? []) firms.push(parseFirm(item));
        after = page.LastEvaluatedKey;
      } while (after !== undefined);
      return firms;
    },

    async loadFirm(firmId) {
      const { Item: item } = await connection.run('GetItem', (client) =>
        client.send(new GetItemCommand({ TableName: connection.table, Key: keyOf(firmId), ConsistentRead: true })),
      );
      return item === undefined ? null : parseFirm(item);
    },

    async saveSettings(firmId, expected, settings) {
      const command = new UpdateItemCommand({
        TableName: connection.table,
        Key: keyOf(firmId),
        UpdateExpression: 'SET settings = :settings, settingsVersion = :version',
        ConditionExpression: expected === 0 ? 'attribute_not_exists(settingsVersion)' : 'settingsVersion = :expected',
        ExpressionAttributeValues: {
          ':settings': { S: settings },
          ':version': { N: String(expected + 1) },
          ...(expected === 0 ? {} : { ':expected': { N: String(expected) } }),
        },
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      return connection.run('UpdateItem', async (client) => {
        try {
          await client.send(command);
          return true;
        } catch (error) {
          if (!(error instanceof ConditionalCheckFailedException)) throw error;
          // Our own save whose answer was lost; or somebody saved the very same settings, which is as good.
          return error.Item?.['settingsVersion']?.N === String(expected + 1) && error.Item['settings']?.S === settings;
        }
      });
    },
  };
}

async function noteFirm(connection: Connection, firmId: FirmId, since: number): Promise<void> {
  const key = { TableName: connection.table, Key: keyOf(firmId) };
  const command = new UpdateItemCommand(
    Number.isFinite(since)
      ? {
          ...key,
          UpdateExpression: 'SET dataSince = :since',
          ConditionExpression: 'attribute_not_exists(dataSince) OR dataSince > :since',
          ExpressionAttributeValues: { ':since': { N: String(since) } },
        }
      : key,
  );
  await connection.run('UpdateItem', async (client) => {
    try {
      await client.send(command);
    } catch (error) {
      // An earlier instant is stored already.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  });
}

function keyOf(firmId: FirmId): Item {
  return { pk: partition, sk: { S: firmId } };
}

function parseFirm(item: Item): FirmRecord {
  const since = item['dataSince']?.N;
  return {
    firmId: FirmId.parse(textOf(item, 'sk')),
    dataSince: since === undefined ? null : Number(since),
    settings: item['settings']?.S ?? null,
    settingsVersion: Number(item['settingsVersion']?.N ?? 0),
  };
}
