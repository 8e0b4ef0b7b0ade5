import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const PAGE = `
import { connect, SillError, type GuestSill } from './sdk/sill.js';
const sill: GuestSill = await connect(document.body, { src: 'https://sill.example/', model: 'stories15m', view: 'chat' });
for await (const { choices } of await sill.completions.create({ prompt: 'x', stream: true })) {
  const text: string | undefined = choices[0]?.text;
  void text;
}
const { choices } = await sill.chat.completions.create({ messages: [{ role: 'user', content: 'x' }] });
const content: string | null | undefined = choices[0]?.message.content;
void content;
sill.on('error', (error: SillError) => console.log(error.code));
// @ts-expect-error a prompt is text
await sill.completions.create({ prompt: 5 });
// @ts-expect-error there is no such event
sill.on('nothing', () => undefined);
`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sill-sdk-'));
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/tsx/dist/cli.mjs'), join(root, 'tools/sdk.ts'), folder],
    {
      encoding: 'utf8',
    },
  );
  if (status !== 0) throw new Error(stderr);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('gives a page types that hold, with nothing installed beside them', () => {
  writeFileSync(join(folder, 'page.ts'), PAGE);
  const compiler = join(root, 'node_modules/typescript/bin/tsc');
  const options = ['--noEmit', '--strict', '--target', 'es2023', '--module', 'esnext', '--moduleResolution', 'bundler'];
  const { stdout } = spawnSync(process.execPath, [compiler, ...options, '--lib', 'es2023,dom,dom.iterable', 'page.ts'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect(stdout).toBe('');
});

it('is one module that imports nothing, but for what a page that manages asks for', () => {
  const module = readFileSync(join(folder, 'sdk/sill.js'), 'utf8');
  expect(module).not.toMatch(/(?:^|[;}])\s*(?:import\s*[{*\w"'`]|export\s*[{*][^;]*from)/);
  expect(readFileSync(join(folder, 'sdk/manage.js'), 'utf8')).toContain('createSill');
});
