import type { SillError } from '../core/errors.ts';

/**
 * `state`: `asking` while a person is asked whether this page may use Sill; `connecting` also after the frame was loaded anew; `refused` and `closed`
 * are ends. `progress`: how far an install or another long call is. `error`: of the connection; what a call is refused with, its caller gets.
 */
export interface GuestEvents {
  readonly state: 'connecting' | 'asking' | 'ready' | 'refused' | 'closed';
  readonly progress: { readonly method: string; readonly progress: unknown };
  readonly error: SillError;
}

export interface Events {
  readonly state: GuestEvents['state'];
  emit<E extends keyof GuestEvents>(event: E, value: GuestEvents[E]): void;
  /** @returns the way to stop */
  on<E extends keyof GuestEvents>(event: E, listener: (value: GuestEvents[E]) => void): () => void;
}

export function createEvents(): Events {
  const target = new EventTarget();
  let state: GuestEvents['state'] = 'connecting';
  return {
    get state() {
      return state;
    },
    emit(event, value) {
      if (event === 'state' && isState(value)) {
        if (value === state) return;
        state = value;
      }
      target.dispatchEvent(new CustomEvent(event, { detail: value }));
    },
    on(event, listener) {
      // The pair of name and value is held by `emit`.
      const inner = (heard: Event) => heard instanceof CustomEvent && listener(heard.detail);
      target.addEventListener(event, inner);
      return () => target.removeEventListener(event, inner);
    },
  };
}

const isState = (value: unknown): value is GuestEvents['state'] => typeof value === 'string';
