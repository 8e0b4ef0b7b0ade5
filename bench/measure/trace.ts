import * as v from 'valibot';
import type { Browser } from './browser.ts';

const CATEGORIES = [
  'devtools.timeline',
  'v8',
  'v8.wasm',
  'disabled-by-default-v8.compile',
  'disabled-by-default-v8.wasm.detailed',
  'disabled-by-default-v8.cpu_profiler',
];
const CHUNK_BYTES = 1 << 20;

const NodeSchema = v.object({
  id: v.number(),
  parent: v.optional(v.number()),
  callFrame: v.object({
    functionName: v.string(),
    url: v.optional(v.string(), ''),
    lineNumber: v.optional(v.number(), 0),
    columnNumber: v.optional(v.number(), 0),
  }),
});
const EventSchema = v.object({
  ph: v.string(),
  name: v.string(),
  pid: v.number(),
  tid: v.number(),
  ts: v.number(),
  dur: v.optional(v.number()),
  tdur: v.optional(v.number()),
  id: v.optional(v.string()),
  args: v.optional(v.looseObject({ name: v.optional(v.unknown()), data: v.optional(v.unknown()) })),
});
const ChunkSchema = v.object({
  cpuProfile: v.optional(v.object({ nodes: v.optional(v.array(NodeSchema), []), samples: v.optional(v.array(v.number()), []) })),
  timeDeltas: v.optional(v.array(v.number()), []),
});
const PieceSchema = v.object({ data: v.string(), base64Encoded: v.optional(v.boolean(), false), eof: v.boolean() });

export type TraceEvent = v.InferOutput<typeof EventSchema>;
type ProfileNode = v.InferOutput<typeof NodeSchema>;

/** Records what every thread of the browser does while `work` runs. It slows what it watches: for shares, not for results. */
export async function traced(browser: Browser, work: () => Promise<void>): Promise<TraceEvent[]> {
  const traceConfig = { includedCategories: CATEGORIES, excludedCategories: ['*'] };
  await browser.send('Tracing.start', { transferMode: 'ReturnAsStream', traceConfig });
  await work();
  const complete = new Promise<unknown>((resolve) => browser.on('Tracing.tracingComplete', resolve));
  await browser.send('Tracing.end');
  const { stream } = v.parse(v.object({ stream: v.string() }), await complete);
  const parts: Buffer[] = [];
  for (let eof = false; !eof; ) {
    const piece = v.parse(PieceSchema, await browser.send('IO.read', { handle: stream, size: CHUNK_BYTES }));
    parts.push(Buffer.from(piece.data, piece.base64Encoded ? 'base64' : 'utf8'));
    eof = piece.eof;
  }
  const { traceEvents } = v.parse(v.looseObject({ traceEvents: v.array(v.unknown()) }), JSON.parse(Buffer.concat(parts).toString()));
  return traceEvents.flatMap((event) => {
    const parsed = v.safeParse(EventSchema, event);
    return parsed.success ? [parsed.output] : [];
  });
}

/** Time by function on one thread: its own, and with what it calls. */
export interface ThreadProfile {
  readonly name: string;
  readonly busyMs: number;
  readonly selfMs: ReadonlyMap<string, number>;
  readonly totalMs: ReadonlyMap<string, number>;
}

export function profilesOf(events: readonly TraceEvent[]): ThreadProfile[] {
  const names = new Map(events.filter((event) => event.name === 'thread_name').map((event) => [threadOf(event), String(event.args?.name)]));
  const threads = new Map<string, { thread: string; nodes: Map<number, ProfileNode>; samples: Array<readonly [number, number]> }>();
  const profileOf = ({ pid, id }: TraceEvent) => `${pid}:${id}`;
  for (const event of events)
    if (event.name === 'Profile') threads.set(profileOf(event), { thread: threadOf(event), nodes: new Map(), samples: [] });
  for (const event of events) {
    const profile = event.name === 'ProfileChunk' ? threads.get(profileOf(event)) : undefined;
    const chunk = v.safeParse(ChunkSchema, event.args?.data);
    if (!profile || !chunk.success) continue;
    for (const node of chunk.output.cpuProfile?.nodes ?? []) profile.nodes.set(node.id, node);
    const deltas = chunk.output.timeDeltas;
    const samples = chunk.output.cpuProfile?.samples ?? [];
    profile.samples.push(...samples.map((sample, index) => [sample, (deltas[index] ?? 0) / 1000] as const));
  }
  return [...threads.values()].map(({ thread, nodes, samples }) => ({
    name: `${names.get(thread) ?? 'thread'} ${thread}`,
    ...sum(nodes, samples),
  }));
}

function sum(nodes: ReadonlyMap<number, ProfileNode>, samples: ReadonlyArray<readonly [number, number]>): Omit<ThreadProfile, 'name'> {
  const selfMs = new Map<string, number>();
  const totalMs = new Map<string, number>();
  const add = (to: Map<string, number>, label: string, ms: number) => to.set(label, (to.get(label) ?? 0) + ms);
  let busyMs = 0;
  for (const [sample, ms] of samples) {
    const node = nodes.get(sample);
    if (!node || node.callFrame.functionName === '(idle)') continue;
    busyMs += ms;
    add(selfMs, label(node), ms);
    const stack = new Set<string>();
    for (let at: ProfileNode | undefined = node; at; at = at.parent === undefined ? undefined : nodes.get(at.parent)) stack.add(label(at));
    for (const name of stack) add(totalMs, name, ms);
  }
  return { busyMs, selfMs, totalMs };
}

function label({ callFrame: { functionName, url, lineNumber, columnNumber } }: ProfileNode): string {
  const file = url.slice(url.lastIndexOf('/') + 1);
  // WebAssembly functions have numbers for names, which change with every build: as one they say more.
  if (functionName.startsWith('wasm-function')) return 'WebAssembly';
  return `${functionName || '(anonymous)'}${file === '' ? '' : ` ${file}:${lineNumber + 1}:${columnNumber + 1}`}`;
}

export const threadOf = ({ pid, tid }: TraceEvent): string => `${pid}:${tid}`;
