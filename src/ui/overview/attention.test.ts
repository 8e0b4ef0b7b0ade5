import { expect, it } from 'vitest';
import { parseModelId, parseRevisionId, parseVariantId } from '../../core/ids.ts';
import { logLine } from '../../core/log.ts';
import type { ModelList, ModelSummary } from '../../protocol/modelReports.ts';
import type { StorageReport } from '../../protocol/storageReports.ts';
import type { UpdateStatus } from '../../protocol/updateReports.ts';
import { attentionOf, type Situation } from './attention.ts';

const ID = parseModelId('tiny');
const REVISION = parseRevisionId(`sha256:${'1'.repeat(64)}`);
const model = (rest: Partial<ModelSummary> = {}): ModelSummary => ({
  ...{ id: ID, name: 'Tiny', description: '', task: 'text-generation', tier: 'nano', parameters: 1, languages: [] },
  ...{
    licence: { spdx: 'MIT', text: '' },
    provenance: '',
    trust: 'signed',
    revision: REVISION,
    offered: true,
    state: 'installed',
    fits: [],
  },
  installed: { revision: REVISION, variant: parseVariantId('int8-wasm'), sizeBytes: 1, installedAtMs: 1 },
  ...rest,
});
const listOf = (...models: ModelSummary[]): ModelList => ({ models });
const storage = (rest: Partial<StorageReport> = {}): StorageReport => ({
  ...{
    quotaBytes: 100e9,
    usageBytes: 1e9,
    persisted: true,
    models: [],
    modelBytes: 0,
    derivedBytes: 0,
    unfinished: [],
    unfinishedBytes: 0,
  },
  ...{ runtimeBytes: 0, runtimeMissingBytes: 0, shellBytes: 0, documentBytes: 0, runsOffline: true, lost: [] },
  ...rest,
});
const quiet: Situation = { list: listOf(model()), updateWaiting: false, storage: storage(), events: [], nowMs: 1e12 };
const kinds = (change: Partial<Situation>) => attentionOf({ ...quiet, ...change }).map(({ kind }) => kind);

it('has nothing to say of a device on which all is well', () => {
  expect(kinds({})).toEqual([]);
});

it('tells of a disk that is nearly full, and of storage that the browser may clear', () => {
  expect(kinds({ storage: storage({ quotaBytes: 10e9, usageBytes: 9.4e9 }) })).toEqual(['storage-full']);
  expect(kinds({ storage: storage({ quotaBytes: 1.4e9, usageBytes: 1e9 }) })).toEqual(['storage-full']);
  expect(kinds({ storage: storage({ persisted: false }) })).toEqual(['storage-evictable']);
  // With nothing installed there is nothing to lose.
  expect(kinds({ storage: storage({ persisted: false }), list: listOf() })).toEqual([]);
});

it('tells of a lost model until it started well again', () => {
  const line = (code: 'model-lost' | 'model-loaded', id: number, error = 'device_lost') => ({
    ...logLine({ code, model: 'tiny', details: { error } }, 1e12 - 1000),
    id,
  });
  expect(kinds({ events: [line('model-lost', 1)] })).toEqual(['gpu-lost']);
  expect(kinds({ events: [line('model-lost', 1, 'worker_lost')] })).toEqual(['model-lost']);
  expect(kinds({ events: [line('model-lost', 1), line('model-loaded', 2)] })).toEqual([]);
  expect(kinds({ events: [line('model-lost', 1)], nowMs: 1e12 + 7 * 24 * 60 * 60_000 })).toEqual([]);
});

it('tells of a model that the operator wants here and why it is not, and not of a broken file', () => {
  const failed = (code: 'quota_exceeded' | 'network_unavailable') => ({
    operator: { ...{ kiosk: false, decides: [], install: ['other'] }, failed: [{ id: 'other', error: { code, message: 'No.' } }] },
  });
  expect(attentionOf({ ...quiet, ...failed('quota_exceeded') })).toEqual([
    { kind: 'not-given', model: 'other', name: 'other', error: { code: 'quota_exceeded', message: 'No.' } },
  ]);
  // It comes by itself when there is a network again; and what began stands among the downloads.
  expect(kinds(failed('network_unavailable'))).toEqual([]);
  const begun = model({ id: parseModelId('other'), state: 'unfinished', error: { code: 'quota_exceeded', message: 'Full.' } });
  expect(kinds({ ...failed('quota_exceeded'), list: listOf(model(), begun) })).toEqual(['install-failed']);
});

it('tells of a GPU that computes wrong, or that a test could not be made of, once', () => {
  const wrong = { verdict: 'wrong', output: 'attention' } as const;
  const right = { verdict: 'right', worstError: 0 } as const;
  const of = (checks: Situation['checks']) => attentionOf({ ...quiet, checks });
  expect(of({})).toEqual([]);
  expect(of({ fp32: right, f16: right })).toEqual([]);
  expect(of({ fp32: wrong, f16: wrong })).toEqual([{ kind: 'gpu-wrong' }]);
  expect(of({ fp32: right, f16: wrong })).toEqual([{ kind: 'gpu-wrong', part: 'f16' }]);
  expect(of({ fp32: { verdict: 'late', timeoutMs: 60_000 } })).toEqual([{ kind: 'gpu-untested' }]);
  expect(of({ f16: { verdict: 'failed', reason: 'It broke.' } })).toEqual([{ kind: 'gpu-untested', part: 'f16' }]);
});

it('tells of what failed, waits or was taken back, the urgent before the pleasant', () => {
  const status = {
    policy: { mode: 'notify', channel: 'stable' },
    lastReport: {
      stale: true,
      expiresAtMs: 5,
      models: [
        {
          ...{ id: ID, active: REVISION },
          withheld: [{ revision: REVISION, why: { kind: 'quarantined', reason: 'It wrote nonsense.' } }],
          withdrawn: [{ revision: REVISION, isActive: true, reason: 'A fault.' }],
        },
      ],
    },
  } as const satisfies UpdateStatus;
  const progress = { phase: 'queued', waiting: 'metered', storedBytes: 10, totalBytes: 30 } as const;
  const models = [
    model({ lost: { chunks: 1, sizeBytes: 4 } }),
    model({ id: parseModelId('other'), state: 'installing', progress }),
    model({ id: parseModelId('third'), state: 'unfinished', error: { code: 'quota_exceeded', message: 'Full.' } }),
  ];
  expect(kinds({ list: listOf(...models), status, updateWaiting: true })).toEqual([
    'damaged',
    'update-failed',
    'withdrawn',
    'install-failed',
    'awaits-consent',
    'catalog-stale',
    'app-update',
  ]);
  expect(attentionOf({ ...quiet, list: listOf(...models), status })).toContainEqual({
    ...{ kind: 'awaits-consent', model: 'other', name: 'Tiny', leftBytes: 20 },
  });
});
