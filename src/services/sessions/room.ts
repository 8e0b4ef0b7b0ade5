import { SillError } from '../../core/errors.ts';
import type { ModelId } from '../../core/ids.ts';
import type { Priority } from '../../core/requestQueue.ts';
import { admit, type Resident } from '../../core/residency.ts';
import type { Changes } from './changes.ts';
import type { Ticket } from './lines.ts';
import type { Memory } from './memory.ts';

/** A model that is to be loaded, by the request of all that want it which goes first. */
export interface Waiter {
  readonly id: ModelId;
  number: number;
  priority: Priority;
  /** Models for whose answers it waits. */
  on: ReadonlySet<ModelId>;
}

/** The line of models for room in memory. */
export interface Room {
  /**
   * @param onRoom called in the same moment in which there is room: whoever looks next has to see it taken
   * @throws SillError `model_too_large` | what `signal` was aborted with
   */
  wait(waiter: Waiter, bytes: number, signal: AbortSignal, onRoom: () => void): Promise<void>;
  /** Another request wants the same model. */
  join(waiter: Waiter, ticket: Pick<Ticket, 'number' | 'priority'>): void;
  /** False while a request that came earlier waits for the memory of this one's model. Without that, two who ask in turn would keep a third out. */
  mayBegin(ticket: Ticket): boolean;
  /** Whether the next one in line waits for this one's memory. */
  isAwaited(id: ModelId): boolean;
}

export interface RoomDeps {
  readonly memory: Pick<Memory, 'budget'>;
  readonly changes: Changes;
  /** Models in memory, but for one. */
  readonly residents: (except: ModelId) => readonly Resident[];
  readonly unload: (ids: readonly ModelId[]) => void;
  /** Those who may not begin may do so now. */
  readonly onRoom: () => void;
}

/** One after the other, those first that somebody waits for: a small model must not take again and again what a large one waits for. */
export function createRoom({ memory, changes, residents, unload, onRoom }: RoomDeps): Room {
  const line: Waiter[] = [];
  const first = (): Waiter | undefined => [...line].sort(byTurn)[0];

  return {
    async wait(waiter, bytes, signal, taken) {
      line.push(waiter);
      signal.addEventListener('abort', changes.tell, { once: true });
      try {
        for (;;) {
          const budget = await memory.budget();
          signal.throwIfAborted();
          const admission = first() === waiter ? admit(bytes, residents(waiter.id), budget) : undefined;
          if (admission?.verdict === 'never') throw tooLarge(waiter.id, bytes, budget.bytes);
          if (admission?.verdict === 'fits') {
            unload(admission.unload);
            return taken();
          }
          waiter.on = new Set(admission?.on);
          await changes.next();
        }
      } finally {
        signal.removeEventListener('abort', changes.tell);
        line.splice(line.indexOf(waiter), 1);
        changes.tell();
        onRoom();
      }
    },
    join(waiter, { number, priority }) {
      waiter.number = Math.min(waiter.number, number);
      if (priority === 'interactive') waiter.priority = priority;
      changes.tell();
    },
    isAwaited: (id) => first()?.on.has(id) === true,
    mayBegin(ticket) {
      const waiter = first();
      if (!waiter?.on.has(ticket.id)) return true;
      return ticket.number < waiter.number || (ticket.priority === 'interactive' && waiter.priority === 'background');
    },
  };
}

const byTurn = (a: Waiter, b: Waiter): number =>
  Number(a.priority === 'background') - Number(b.priority === 'background') || a.number - b.number;

const mib = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

export const tooLarge = (id: ModelId, bytes: number, budgetBytes: number): SillError =>
  new SillError(
    'model_too_large',
    `${id} takes about ${mib(bytes)} of memory, and models may take ${mib(budgetBytes)} together on this device. ` +
      'Choose a smaller model or variant, or allow more in the Device view or with sill.memory.setSettings.',
    { details: { id, bytes, budgetBytes } },
  );
