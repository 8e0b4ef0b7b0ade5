import type { kioskContract } from '../protocol/kiosk.ts';
import type { Handlers } from '../protocol/server.ts';
import type { Engine } from '../services/engine.ts';

/** The part of the engine's contract that is about kiosks. */
export function kioskHandlers(engine: () => Promise<Engine>): Handlers<typeof kioskContract> {
  const report = async ({ kiosk, kioskSessions }: Engine) => {
    const [lock, sessions] = await Promise.all([kiosk.report(), kioskSessions.count()]);
    return { ...lock, sessions };
  };
  return {
    'kiosk.status': async () => report(await engine()),
    'kiosk.lock': async ({ by, screen, pin }) => {
      const running = await engine();
      await running.kiosk.lock(by, screen, pin);
      return report(running);
    },
    'kiosk.pinHash': async ({ pin }) => (await engine()).kiosk.pinHash(pin),
    'kiosk.restore': async ({ seal }) => {
      const running = await engine();
      await running.kiosk.restore(seal);
      return report(running);
    },
    'kiosk.unlock': async ({ pin }) => {
      const running = await engine();
      await running.kiosk.unlock(pin);
      return report(running);
    },
    'kiosk.relock': async () => {
      const running = await engine();
      await running.kiosk.relock();
      return report(running);
    },
    'kiosk.leave': async () => {
      const running = await engine();
      await running.kiosk.leave();
      return report(running);
    },
    'kiosk.endSession': async ({ pageBytes }) => (await engine()).kioskSessions.end(pageBytes),
  };
}
