import * as v from 'valibot';
import { SillError, toSillError } from '../core/errors.ts';
import type { Admission, Grant } from '../core/guests.ts';
import { type FrameLook, LookMessageSchema } from '../core/theme.ts';
import type { Client } from '../protocol/client.ts';
import type { FrameMessage, FrameReport } from '../protocol/embedding.ts';
import { type EngineContract, engineContract } from '../protocol/engine.ts';
import { relay } from '../protocol/server.ts';
import type { Greeted } from './frameDoor.ts';
import { boundGuestPort } from './guestPort.ts';

/** What a session needs of the frame around it. */
export interface SessionHost {
  /** The frame's own way to the engine. */
  readonly own: Client<EngineContract>;
  /** A way to the engine with what this origin may have. */
  clientFor(origin: string): Client<EngineContract>;
  readonly report: FrameReport;
  /** Asks the person in front of the frame. Rejects when that becomes pointless. */
  ask(origin: string, signal: AbortSignal): Promise<boolean>;
  show(look: FrameLook): void;
  admitted(origin: string, grant: Grant, client: Client<EngineContract>): void;
  refused(origin: string, reason: SillError): void;
}

export interface GuestSession {
  tell(message: FrameMessage): void;
  end(): void;
}

/** Lets one page in, or not, and stands between it and the engine for as long as its channel lives. */
export function beginSession({ origin, port }: Greeted, host: SessionHost): GuestSession {
  const over = new AbortController();
  const tell = (message: FrameMessage) => port.postMessage(message);
  const refuse = (reason: SillError) => {
    tell({ type: 'sill-refused', error: { code: reason.code, message: reason.message } });
    host.refused(origin, reason);
    end();
  };
  const guest = boundGuestPort(port, refuse);
  let stop = () => {};
  const end = () => {
    if (over.signal.aborted) return;
    over.abort();
    stop();
    guest.close();
  };

  guest.endpoint.addEventListener('message', ({ data }) => {
    const message = v.safeParse(LookMessageSchema, data);
    if (message.success) host.show(message.output.look);
  });
  // At once: what comes before this page is let in is bounded as well, and goes nowhere.
  port.start();
  port.addEventListener('close', end);

  const admit = async (): Promise<void> => {
    let admission: Admission = await host.own.call('guests.admit', { origin }, { signal: over.signal });
    if (admission.state === 'ask') {
      tell({ type: 'sill-asking' });
      const allow = await host.ask(origin, over.signal);
      admission = await host.own.call('guests.decide', { origin, allow }, { signal: over.signal });
    }
    if (over.signal.aborted) return;
    if (admission.state !== 'granted') return refuse(notAdmitted(origin));
    const client = host.clientFor(origin);
    const unserve = relay(engineContract, client, guest.endpoint);
    stop = () => {
      unserve();
      client.close(new SillError('aborted', 'The page that asked is gone.'));
    };
    host.admitted(origin, admission.grant, client);
    tell({ type: 'sill-welcome', grant: admission.grant, report: host.report });
  };
  admit().catch((reason: unknown) => {
    if (!over.signal.aborted) refuse(toSillError(reason));
  });
  return { tell: (message) => !over.signal.aborted && tell(message), end };
}

export const notAdmitted = (origin: string): SillError =>
  new SillError(
    'forbidden',
    `${origin} may not use Sill here. Its operator can name it under "guests" in sill.policy.json, and a person who said no can be asked again.`,
  );
