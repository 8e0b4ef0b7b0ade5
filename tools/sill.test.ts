import { spawnSync } from 'node:child_process';
import { truncate } from 'node:fs/promises';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { put, tempFolder } from './models/testing/tempFolder.ts';

const folder = tempFolder();
const root = resolve(import.meta.dirname, '..');

/** Runs the command line as CI does: no terminal, nothing typed. */
function sill(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const places = ['--repo', `${folder()}/models`, '--keys', `${folder()}/keys`, '--trust', `${folder()}/trust`];
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', 'tsx', 'tools/sill.ts', ...args, ...(args.length > 0 ? places : [])],
    {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, SILL_KEY_PASSPHRASE: '', ...env },
      input: '',
    },
  );
  return { status, stdout, stderr };
}

test('a model is packed, published and verified without a terminal, and scripts read what happened', { timeout: 240_000 }, async () => {
  const passphrase = { SILL_KEY_PASSPHRASE: 'correct horse' };
  const description = {
    id: 'tiny',
    description: 'For tests.',
    task: 'text-generation',
    parameters: 5,
    licence: { spdx: 'MIT' },
    provenance: { source: 'here' },
  };
  await put(`${folder()}/tiny`, {
    'sill.json': JSON.stringify(description),
    LICENSE: 'MIT License',
    'config.json': '{}',
    'onnx/model_int8.onnx': 'weights',
  });
  expect(sill(['init', '--json'])).toMatchObject({ status: 4, stdout: expect.stringContaining('SILL_KEY_PASSPHRASE') });
  expect(sill(['init'], passphrase)).toMatchObject({ status: 0, stderr: '' });
  expect(sill(['pack', `${folder()}/tiny`]).stdout).toContain('int8-wasm');
  expect(sill(['publish', `${folder()}/tiny`], { SILL_KEY_PASSPHRASE: 'wrong' })).toMatchObject({ status: 4, stdout: '' });
  const published = sill(['publish', `${folder()}/tiny`, '--json'], passphrase);
  expect(JSON.parse(published.stdout)).toMatchObject({ id: 'tiny', channel: 'stable', catalogVersion: 2 });
  expect(JSON.parse(sill(['verify', '--files', '--json']).stdout)).toMatchObject({ valid: true, revisions: 1 });

  const out = `${folder()}/stick/tiny.tar`;
  expect(JSON.parse(sill(['bundle', 'tiny', '--out', out, '--variants', 'int8', '--json']).stdout)).toMatchObject({
    files: [{ path: out }],
    models: [{ id: 'tiny', variants: ['int8-wasm'] }],
  });
  expect(sill(['inspect', out]).stdout).toContain('tiny');
  expect(JSON.parse(sill(['inspect', out, '--json']).stdout)).toMatchObject({ valid: true, volumes: 1, models: [{ id: 'tiny' }] });
  expect(sill(['inspect', `${folder()}/stick/other.tar`])).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^\S+other\.tar cannot be read/),
  });
  await truncate(out, 4096);
  expect(JSON.parse(sill(['inspect', out, '--json']).stdout)).toMatchObject({ error: { details: { fault: 'truncated' } }, exitCode: 3 });
  expect(sill(['bundle', 'tiny'])).toMatchObject({ status: 2, stderr: expect.stringContaining('--out') });
  expect(sill(['bundle', 'tiny', '--out', out, '--volume-size', 'large'])).toMatchObject({ status: 2 });
});

test('wrong use is told with exit code 2, and help shows examples', { timeout: 240_000 }, () => {
  expect(sill(['publish', '--help'])).toMatchObject({ status: 0, stdout: expect.stringContaining('npm run sill -- publish models/tiny') });
  expect(sill(['conjure'])).toMatchObject({ status: 2, stderr: expect.stringContaining('There is no command "conjure"') });
  expect(sill(['verify', '--fast'])).toMatchObject({ status: 2, stderr: expect.stringContaining('--fast') });
  expect(sill(['inspect'])).toMatchObject({ status: 3, stderr: expect.stringContaining('npm run sill -- init') });
});
