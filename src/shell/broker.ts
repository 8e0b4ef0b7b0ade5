import * as v from 'valibot';
import { type Connect, ConnectSchema, YouAreSchema } from '../protocol/hosting.ts';

/** The page's side of the service worker's introductions between tabs. */
export interface Broker {
  /** Sends one end of a channel to the tab that hosts the engine. False while there is no service worker to carry it. */
  introduce(connect: Connect, port: MessagePort): Promise<boolean>;
  /** By which id the service worker knows this tab. Waits for it to be there. */
  clientId(): Promise<string>;
  /** Channels that other tabs send to this one. */
  onIntroduced(listener: (connect: Connect, port: MessagePort) => void): void;
}

/** @returns `undefined` where there are no service workers: the development server, some private windows */
export function createBroker(): Broker | undefined {
  if (import.meta.env.DEV || !('serviceWorker' in navigator)) return undefined;
  const container = navigator.serviceWorker;
  return {
    async introduce(connect, port) {
      // Not the controller: a page that was reloaded past its service worker has none.
      const worker = (await container.getRegistration())?.active;
      worker?.postMessage(connect, [port]);
      return Boolean(worker);
    },
    async clientId() {
      const worker = (await container.ready).active;
      const { port1, port2 } = new MessageChannel();
      const answer = new Promise<string>((resolve) => {
        port1.onmessage = ({ data }: MessageEvent<unknown>) => resolve(v.parse(YouAreSchema, data).clientId);
      });
      worker?.postMessage({ type: 'sill-who-am-i' }, [port2]);
      return answer;
    },
    onIntroduced(listener) {
      container.addEventListener('message', ({ data, ports: [port] }: MessageEvent<unknown>) => {
        const message = v.safeParse(ConnectSchema, data);
        if (message.success && port) listener(message.output, port);
      });
      container.startMessages();
    },
  };
}
