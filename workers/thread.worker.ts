import { beginThread } from '../src/runtime/thread.ts';

declare const self: DedicatedWorkerGlobalScope;

beginThread(self);
