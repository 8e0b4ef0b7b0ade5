import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAULTS } from '../src/core/kiosk/recovery.ts';
import { KioskRulesSchema, kioskOfAddress } from '../src/core/kiosk/rules.ts';
import { DeviceRulesSchema } from '../src/core/operatorRules.ts';
import { parsePolicy } from '../src/core/policy.ts';
import { upstreamOrigins, upstreamsOf } from '../src/core/upstreams.ts';
import type { Client } from '../src/protocol/client.ts';
import type { EngineContract } from '../src/protocol/engine.ts';
import { createSill, type PagePowers } from '../src/sdk/sill.ts';
import { guideLinked } from '../src/ui/help/guide-reading.ts';
import { GUIDES, type Guide, guideFile } from '../src/ui/help/guides.ts';
import { VIEW_SECTIONS } from '../src/ui/view-sections.ts';
import { readPolicyFile } from './build/policyFile.ts';
import { put, tempFolder } from './models/testing/tempFolder.ts';
import { COMMANDS, parseCommand } from './publisher/commandTable.ts';

const folder = tempFolder();
const read = (guide: Guide): string => readFileSync(guideFile(guide), 'utf8');
const OPERATE = read('operate');

const blocks = (text: string, language: string): string[] =>
  [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].flatMap(([, info, code = '']) => (info === language ? [code] : []));
const inline = (text: string): string[] =>
  [...text.replace(/^```[\s\S]*?^```$/gm, '').matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code);

describe('what a guide quotes from the app, in italics, stands there', () => {
  /** The texts of the app, as they are handed to translators, without their placeholders. */
  const TEXTS = [...readFileSync('src/ui/locales/de.xlf', 'utf8').matchAll(/<source>([\s\S]*?)<\/source>/g)].map(([, text = '']) =>
    text.replace(/<[^>]+>/g, ''),
  );
  const stands = (quote: string): boolean => TEXTS.some((text) => text.includes(quote));
  /** Whole, or a way as in *Models, Updates*, or with … for what varies. */
  const quotesIn = (text: string): string[] =>
    [...text.replace(/```[\s\S]*?```|`[^`]*`/g, '').matchAll(/(?<![*\w])\*([A-Z…][^*]+)\*(?!\*)/g)]
      .map(([, quote = '']) => quote.replace(/\s+/g, ' '))
      .flatMap((quote) => (stands(quote) ? [quote] : quote.split(/ ?… ?|, (?=[A-Z])/)))
      .map((part) => part.trim())
      .filter((part) => part !== '');

  it.each(['chat', 'operate', 'publish', 'sources', 'benchmark', 'evaluate', 'import'] as const)('%s', (guide) => {
    const quotes = quotesIn(read(guide));
    expect(quotes).not.toEqual([]);
    expect(quotes.filter((quote) => !stands(quote))).toEqual([]);
  });
});

describe('what the guide to operating has to be copied', () => {
  it.each(blocks(OPERATE, 'json').map((json, i) => [i + 1, json] as const))(
    'is a policy that the build takes, block %i',
    async (_at, json) => {
      await put(folder(), { 'policy.json': json });
      const policy = readPolicyFile(`${folder()}/policy.json`);
      expect(Object.keys(JSON.parse(json)).filter((field) => !Object.hasOwn(policy, field))).toEqual([]);
      // A field that is misspelt is none that nobody hears of.
      const [field = ''] = Object.keys(JSON.parse(json)).slice(-1);
      expect(() => parsePolicy(JSON.parse(json.replaceAll(`"${field}"`, `"${field}s"`)))).toThrow(/is not a policy/);
    },
  );

  const [everyDevice = {}, kiosk = {}, upstream = {}] = blocks(OPERATE, 'json').map((json) => JSON.parse(json));
  /** What the points of a section explain, each by the name of its field. */
  const explained = (title: string): string[] => {
    const section = OPERATE.split(/^## /m).find((text) => text.startsWith(title)) ?? '';
    const points = section.split('\n').filter((line) => line.startsWith('- '));
    return points.flatMap((line) => [...line.matchAll(/(?:^- |\. )`(\w+)`:/g)].map(([, name = '']) => name));
  };

  it('explains each field there is, and none that there is not', () => {
    const ofDevices = explained('What every device does by itself').filter((name) => name !== 'kiosk');
    expect(ofDevices.sort()).toEqual(Object.keys(DeviceRulesSchema.entries).sort());
    expect(explained('Kiosks').sort()).toEqual(Object.keys(KioskRulesSchema.entries).sort());
    const [server] = upstream.upstreams;
    // Beyond those of the block, and in place of the list itself what stands in it.
    const { models, ...ofServer } = { ...server, credentials: true };
    const ofUpstreams = explained('When a model of the device is not enough');
    expect(ofUpstreams.sort()).toEqual(Object.keys({ ...ofServer, ...models[0] }).sort());
  });

  it('may be changed as it says beside the blocks', () => {
    const withDevices = (changes: object) => parsePolicy({ ...everyDevice, devices: { ...everyDevice.devices, ...changes } }).devices;
    const { memory, updates } = everyDevice.devices;
    const told = (code: string): string => {
      expect(inline(OPERATE)).toContain(code);
      return code;
    };
    expect(parsePolicy(JSON.parse(`{ "schema": 1, ${told('"kiosk": true')} }`))).toMatchObject({ kiosk: true, held: {} });
    expect(withDevices({ updates: { ...updates, ...JSON.parse(`{ ${told('"channel": "beta"')} }`) } }).updates?.channel).toBe('beta');
    expect(withDevices({ updates: { mode: told('idle'), [told('idleMinutes')]: 9 } }).updates).toMatchObject({ idleMinutes: 9 });
    for (const mode of ['off', 'notify']) expect(withDevices({ updates: { mode: told(mode) } }).updates?.mode).toBe(mode);
    for (const metered of ['ask', 'allow']) expect(withDevices({ downloads: { metered: told(metered) } }).downloads?.metered).toBe(metered);
    for (const quality of ['fast', 'best']) expect(withDevices({ quality: told(quality) }).quality).toBe(quality);
    for (const name of ['hf:owner/name', 'hf:owner/name@commit']) expect(withDevices({ install: [told(name)] }).install).toEqual([name]);
    for (const keepAlive of ['5m', 300, 0, -1]) expect(withDevices({ memory: { ...memory, keepAlive } }).memory?.keepAlive).toBe(keepAlive);
    expect(withDevices({ memory: { [told('budgetBytes')]: 2 ** 30 } }).memory?.budgetBytes).toBe(2 ** 30);
    for (const task of ['chat', 'write', 'search', 'transcribe', 'run'])
      expect(parsePolicy({ ...kiosk, kiosk: { ...kiosk.kiosk, task: told(task) } }).held?.task).toBe(task);
    const ownPath = { ...upstream.upstreams[0], url: JSON.parse(told('"upstream/v1"')), [told('credentials')]: true };
    expect(upstreamsOf(parsePolicy({ schema: 1, upstreams: [ownPath] }))).toMatchObject([{ url: 'upstream/v1/', credentials: true }]);
  });

  it('lets an alias of a server in the house be asked for, and its address through the header', () => {
    const policy = parsePolicy(upstream);
    expect(upstreamsOf(policy)).toEqual([
      {
        ...{ alias: 'assistant', model: 'meta-llama/Llama-3.3-70B-Instruct', name: 'The big machine', fallback: 'tinyllama' },
        ...{ requests: ['chat.completions'], url: 'https://inference.example.org/v1/', credentials: false, timeoutMs: 30_000 },
      },
    ]);
    expect(upstreamOrigins(policy)).toEqual(['https://inference.example.org']);
  });

  it('has a block for each thing that is set up by one', () => {
    const fields = blocks(OPERATE, 'json').flatMap((json) => Object.keys(JSON.parse(json)));
    expect(fields).toEqual(['schema', 'kiosk', 'devices', 'schema', 'kiosk', 'devices', 'schema', 'upstreams']);
    // Besides what web servers read (tools/deploy/webServers.test.ts) there is nothing else to copy.
    expect([...OPERATE.matchAll(/^```(\w+)$/gm)].map(([, language]) => language)).toEqual(['json', 'json', 'json', 'nginx']);
  });

  it('is an address that makes a kiosk', () => {
    const address = inline(OPERATE).find((code) => code.startsWith('?kiosk='));
    expect(kioskOfAddress(new URLSearchParams(address))).toEqual({ task: 'chat', model: 'stories15m', idleSeconds: 60, title: 'Ask' });
  });

  it('is an address of a section that there is', () => {
    const paragraph = OPERATE.split('\n\n').find((text) => text.includes('?section=')) ?? '';
    const named: Record<string, string[]> = {};
    let view = '';
    for (const code of inline(paragraph)) {
      const [, route = view, section = code] = /^#\/(\w+)\?section=([\w-]+)$/.exec(code) ?? [];
      view = route;
      named[view] = [...(named[view] ?? []), section];
    }
    expect(Object.keys(named).sort()).toEqual(Object.keys(VIEW_SECTIONS).sort());
    for (const [route, sections] of Object.entries(VIEW_SECTIONS)) expect(sections).toEqual(expect.arrayContaining(named[route] ?? []));
  });

  it('tells what each code on the screen means', () => {
    const rows = [...OPERATE.matchAll(/^\| ([A-Z]\d) \|/gm)].map(([, code]) => code);
    expect(rows.sort()).toEqual(Object.keys(FAULTS).sort());
  });
});

describe('what a guide has to be typed', () => {
  const scripts: Record<string, string> = JSON.parse(readFileSync('package.json', 'utf8')).scripts;
  const lines = GUIDES.flatMap((guide) => [
    ...blocks(read(guide), 'sh').flatMap((block) => block.replaceAll(/\\\n\s*/g, ' ').split('\n')),
    ...inline(read(guide)),
  ]);
  const asked = lines.flatMap((line) => /^(?:\w+=\S+ )*npm run (\S+)(?: -- (.*?))?(?:\s+#.*)?$/.exec(line) ?? []);

  it('is a script of the source tree', () => {
    const names = lines.flatMap((line) => /\bnpm run ([\w:-]+)/.exec(line)?.[1] ?? []);
    expect(names.length).toBeGreaterThan(20);
    expect(names.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
    expect(asked).not.toEqual([]);
  });

  const words = (text: string): string[] => [...text.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
  const commands = lines.flatMap((line) => /npm run sill -- ([\w-]+.*?)(?:\s+#.*)?$/.exec(line)?.[1] ?? []);

  it.each([...new Set(commands)])('is a command that the publisher takes: %s', (line) => {
    const [name = '', ...args] = words(line);
    const command = COMMANDS.get(name);
    expect(command, name).toBeDefined();
    // Within a sentence it is named alone.
    if (command && (args.length > 0 || command.takes[0] === 0)) expect(() => parseCommand(command, args)).not.toThrow();
  });

  it('is there in the console', () => {
    const sill = createSill({} as Client<EngineContract>, {} as PagePowers);
    const paths = inline(OPERATE).flatMap((code) => /^(?:await )?sill\.([\w.]+)\(/.exec(code)?.[1] ?? []);
    expect(paths.length).toBeGreaterThan(6);
    const found = (path: string): unknown =>
      path.split('.').reduce<unknown>((at, name) => (typeof at === 'object' && at !== null ? Reflect.get(at, name) : undefined), sill);
    expect(paths.filter((path) => typeof found(path) !== 'function')).toEqual([]);
  });
});

describe('the guides that travel with the app', () => {
  it('are all of them', () => {
    const files = readdirSync('docs').flatMap((name) => (name.endsWith('.md') && name !== 'ARCHITECTURE.md' ? [`docs/${name}`] : []));
    expect(GUIDES.map(guideFile).sort()).toEqual([...files, 'deploy/README.md'].sort());
  });

  it.each(GUIDES)('lead nowhere that is not there, and to each other within the app: %s', (guide) => {
    for (const [, address = ''] of read(guide).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(?:https?:|#)/.test(address)) continue;
      const file = normalize(join(dirname(guideFile(guide)), address.split('#', 1)[0] ?? ''));
      expect(existsSync(file), address).toBe(true);
      expect(guideLinked(guide, address) !== undefined, address).toBe(GUIDES.some((other) => guideFile(other) === file));
    }
  });
});
