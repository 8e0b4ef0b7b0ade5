import engineScript from '../workers/engine.worker.ts?worker&url';
import { toSillError } from './core/errors.ts';
import { isOrigin } from './core/origin.ts';
import { type FrameLook, FrameLookSchema } from './core/theme.ts';
import type { Client } from './protocol/client.ts';
import type { FrameReport } from './protocol/embedding.ts';
import type { EngineContract } from './protocol/engine.ts';
import { isWorkLock } from './protocol/locks.ts';
import { recordRequests } from './recordRequests.ts';
import { decodeAudio } from './sdk/audio.ts';
import { createSill } from './sdk/sill.ts';
import { openFrameDoor } from './shell/frameDoor.ts';
import { frameReport, parentOrigin, storageDenied } from './shell/frameReport.ts';
import { beginSession, type GuestSession, notAdmitted } from './shell/guestSession.ts';
import { openEngine } from './shell/openEngine.ts';
import { pageLooks } from './shell/pageLooks.ts';
import { persistStorage } from './shell/persistStorage.ts';
import { registerServiceWorker } from './shell/serviceWorker.ts';
import './ui/embed/embed-app.ts';
import * as v from 'valibot';

const root = document.querySelector('sill-embed');
if (!root) throw new Error('embed.html lacks <sill-embed>');
root.alone = window.parent === window;
if (isSecureContext && !root.alone)
  void frameReport().then((report) => (report.storage === 'denied' ? explain(root) : start(root, report)));

function start(view: HTMLElementTagNameMap['sill-embed'], report: FrameReport): void {
  const engine = openEngine({
    script: new URL(engineScript, import.meta.url),
    powers: { decodeAudio: ({ file }) => decodeAudio(file), looks: pageLooks },
    onBroken: (reason) => {
      view.error = reason.toData();
    },
  });
  const own = engine.connect().client;
  view.report = report;
  void recordRequests('frame');
  view.own = sillOver(own);
  let session: GuestSession | undefined;
  const admitted = (origin: string, client: Client<EngineContract>) => {
    view.guest = origin;
    view.sill = sillOver(client);
  };

  openFrameDoor({
    onGreeted(guest) {
      // One page at a time: the channel before was of a connection that its page gave up.
      session?.end();
      delete view.error;
      session = beginSession(guest, {
        own,
        report,
        clientFor: (origin) => engine.connect(origin).client,
        ask: (origin, signal) => view.ask(origin, signal),
        show: (look) => {
          view.look = look;
        },
        admitted: (origin, _grant, client) => admitted(origin, client),
        refused(_origin, reason) {
          view.error = reason.toData();
        },
      });
    },
  });
  new ResizeObserver(() => session?.tell({ type: 'sill-height', px: document.documentElement.getBoundingClientRect().height })).observe(
    view,
  );

  // A plain iframe, whose page runs no script of ours: the conversation alone, for the page that the browser names.
  const look = lookOfAddress();
  if (look.view === 'chat') {
    view.look = look;
    letIn(view, own, parentOrigin()).then(
      (origin) => origin !== undefined && !session && admitted(origin, engine.connect(origin).client),
      (reason: unknown) => {
        view.error = toSillError(reason).toData();
      },
    );
  }
  void registerServiceWorker({
    onOfflineReady: () => undefined,
    // Where the app's own tabs are, a person is asked there. In a partition there is nobody to ask.
    onUpdateReady: (apply) => report.storage === 'partitioned' && void apply(),
    mayReload: async () => !((await navigator.locks.query()).held ?? []).some((lock) => isWorkLock(lock.name)),
    // Refused, as in some private windows: this frame works while the network is there.
  }).catch(() => undefined);
}

/** Where nothing can be stored nothing can run: whoever greets is told so. */
function explain(view: HTMLElementTagNameMap['sill-embed']): void {
  const denied = storageDenied();
  const { code, message } = denied;
  view.error = denied.toData();
  openFrameDoor({
    onGreeted({ port }) {
      port.postMessage({ type: 'sill-refused', error: { code, message } });
      port.close();
    },
  });
}

async function letIn(
  view: HTMLElementTagNameMap['sill-embed'],
  own: Client<EngineContract>,
  origin: string | undefined,
): Promise<string | undefined> {
  if (origin === undefined || !isOrigin(origin)) {
    view.error = notAdmitted(origin ?? 'A page without an origin').toData();
    return undefined;
  }
  let admission = await own.call('guests.admit', { origin });
  if (admission.state === 'ask') {
    const allow = await view.ask(origin, new AbortController().signal);
    admission = await own.call('guests.decide', { origin, allow });
  }
  if (admission.state === 'granted') return origin;
  view.error = notAdmitted(origin).toData();
  return undefined;
}

function lookOfAddress(): FrameLook {
  const given = v.safeParse(FrameLookSchema, Object.fromEntries(new URLSearchParams(location.search)));
  return given.success ? given.output : {};
}

function sillOver(client: Client<EngineContract>) {
  return createSill(client, {
    persist: persistStorage,
    preferences: { read: () => ({}), write: () => undefined },
    note: { open: () => ({ models: [], keep: () => undefined }) },
    beginAnew: async () => location.reload(),
    decodeAudio,
  });
}
