import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** By this name the page asks the engine when it sent what. */
export const STAMPS = 'sill-bench-stamps';

/** Notes when the engine sends a piece of an answer, by either door: a port's message is all that leaves it. In ms since the epoch. */
const STAMP = `{
  const post = MessagePort.prototype.postMessage;
  let sent = [];
  MessagePort.prototype.postMessage = function (message, ...rest) {
    const { item } = message ?? {};
    if (item && (item.choices || item.kind === 'body')) sent.push(performance.timeOrigin + performance.now());
    return post.call(this, message, ...rest);
  };
  const channel = new BroadcastChannel('${STAMPS}');
  channel.onmessage = ({ data }) => {
    if (data !== 'give') return;
    channel.postMessage(sent);
    sent = [];
  };
}
`;

/** A copy of the built app whose engine notes when it sends. Nothing else of it differs. */
export async function stampApp(app: string, folder: string): Promise<void> {
  await cp(app, folder, { recursive: true });
  const assets = join(folder, 'assets');
  const engine = (await readdir(assets)).find((name) => /^engine\.worker-.*\.js$/.test(name));
  if (!engine) throw new Error(`${app} has no engine worker`);
  await writeFile(join(assets, engine), STAMP + (await readFile(join(assets, engine), 'utf8')));
}
