// The embedded store keeps the contract.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { storeContract } from './store.ts';

const dir = mkdtempSync(path.join(tmpdir(), 'signalfold-store-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

storeContract('LMDB', async () => ({ kind: 'embedded', dir }));
