import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRequestQueue, PATIENCE, type Priority, type QueuedRequest } from './requestQueue.ts';

interface Request extends QueuedRequest {
  readonly name: string;
  readonly number: number;
}
let made = 0;
const request = (client: string, priority: Priority = 'interactive', places = 1): Request => {
  made += 1;
  return { name: `${client}${made}`, number: made, client, priority, places };
};
const LIMITS = { places: 4, backgroundPlaces: 3, waiting: 64, waitingOfOne: 48 };

/** Lets one request after the other begin and end, one place at a time. */
function drain(queue: ReturnType<typeof createRequestQueue<Request>>): Request[] {
  const served: Request[] = [];
  for (let next = queue.next(); next; next = queue.next()) {
    served.push(next);
    queue.leave(next);
  }
  return served;
}

describe('requests to one model', () => {
  it('begin in their order, as many together as there are places', () => {
    const queue = createRequestQueue<Request>(LIMITS);
    const all = Array.from({ length: 6 }, () => request('a'));
    for (const each of all) queue.add(each);
    const begun = [queue.next(), queue.next(), queue.next(), queue.next()];
    expect(begun).toEqual(all.slice(0, 4));
    expect(queue.next()).toBeUndefined();
    if (begun[2]) queue.leave(begun[2]);
    expect(queue.next()).toBe(all[4]);
    expect([queue.waiting, queue.underWay]).toEqual([1, 4]);
  });

  it('of a client that asks once go before the rest of one that asked fifty times', () => {
    const queue = createRequestQueue<Request>({ ...LIMITS, waiting: 100, waitingOfOne: 100 });
    for (let i = 0; i < 50; i++) queue.add(request('many'));
    const begun = Array.from({ length: 4 }, () => queue.next());
    const one = request('one');
    queue.add(one);
    if (begun[0]) queue.leave(begun[0]);
    expect(queue.next()).toBe(one);
  });

  it('of the background wait for those that somebody waits for, but not for ever', () => {
    const queue = createRequestQueue<Request>(LIMITS);
    queue.add(request('indexing', 'background'));
    for (let i = 0; i < 2 * PATIENCE; i++) queue.add(request('person'));
    expect(drain(queue).findIndex(({ priority }) => priority === 'background')).toBe(PATIENCE);
  });

  it('of the background leave a place to those that somebody waits for', () => {
    const queue = createRequestQueue<Request>(LIMITS);
    for (let i = 0; i < 6; i++) queue.add(request('indexing', 'background'));
    const begun = [queue.next(), queue.next(), queue.next()];
    expect(queue.next()).toBeUndefined();
    const person = request('person');
    queue.add(person);
    expect(queue.next()).toBe(person);
    if (begun[0]) queue.leave(begun[0]);
    expect(queue.next()?.priority).toBe('background');
  });

  it('that need all places hold the others back until these are free', () => {
    const queue = createRequestQueue<Request>(LIMITS);
    const [small, alone, later] = [request('a'), request('a', 'interactive', 4), request('a')];
    for (const each of [small, alone, later]) queue.add(each);
    expect(queue.next()).toBe(small);
    expect(queue.next()).toBeUndefined();
    queue.leave(small);
    expect(queue.next()).toBe(alone);
    expect(queue.next()).toBeUndefined();
    queue.leave(alone);
    expect(queue.next()).toBe(later);
  });

  it('are refused past the bound, and one client does not use it up alone', () => {
    const queue = createRequestQueue<Request>({ places: 1, backgroundPlaces: 1, waiting: 5, waitingOfOne: 3 });
    expect([1, 2, 3, 4].map(() => queue.add(request('many')))).toEqual([true, true, true, false]);
    expect([1, 2, 3].map(() => queue.add(request('other')))).toEqual([true, true, false]);
    expect([queue.waiting, queue.waitingOf('many')]).toEqual([5, 3]);
    const gone = request('third');
    expect(queue.add(gone)).toBe(false);
    queue.leave(gone);
    expect(queue.waiting).toBe(5);
  });

  it('that are set aside leave their places to others, count among those that wait, and go on before the rest of their client', () => {
    const queue = createRequestQueue<Request>({ ...LIMITS, waiting: 6, waitingOfOne: 4 });
    const stuck = Array.from({ length: 4 }, () => request('stuck'));
    for (const each of stuck) queue.add(each);
    for (const each of stuck) expect(queue.next()).toBe(each);
    const [first] = stuck;
    if (!first) throw new Error('nothing was asked');
    expect([queue.placesOf('stuck'), queue.isInTheWay(first)]).toEqual([4, false]);
    const [later, one] = [request('stuck'), request('one')];
    queue.add(later);
    queue.add(one);
    expect(queue.isInTheWay(first)).toBe(true);
    queue.setAside(first);
    expect(queue.next()).toBe(one);
    expect([queue.waiting, queue.aside, queue.underWay, queue.waitingOf('stuck'), queue.placesOf('stuck')]).toEqual([1, 1, 4, 2, 3]);
    expect([request('stuck'), request('stuck'), request('stuck')].map((each) => queue.add(each))).toEqual([true, true, false]);
    queue.leave(one);
    queue.comeBack(first);
    expect(queue.next()).toBe(first);
    queue.setAside(first);
    queue.leave(first);
    expect([queue.waiting, queue.aside, queue.underWay]).toEqual([3, 0, 3]);
  });

  it('know whether others would go first: of another client, or those that somebody waits for', () => {
    const queue = createRequestQueue<Request>(LIMITS);
    const long = request('api', 'background', LIMITS.places);
    queue.add(long);
    expect(queue.next()).toBe(long);
    queue.add(request('api', 'background'));
    expect(queue.isBehindOthers(long)).toBe(false);
    const other = request('other', 'background');
    queue.add(other);
    expect(queue.isBehindOthers(long)).toBe(true);
    queue.leave(other);
    expect(queue.isBehindOthers(long)).toBe(false);
    const typed = request('api');
    queue.add(typed);
    expect(queue.isBehindOthers(long)).toBe(true);
    queue.setAside(long);
    expect(queue.next()).toBe(typed);
    // Whoever is waited for lets the background wait.
    expect(queue.isBehindOthers(typed)).toBe(false);
  });

  it('that may not begin are passed over, not lost', () => {
    const queue = createRequestQueue<Request>(LIMITS);
    const [early, late] = [request('a'), request('b')];
    queue.add(early);
    queue.add(late);
    expect(queue.next(({ client }) => client !== 'a')).toBe(late);
    expect(queue.next(() => false)).toBeUndefined();
    expect(queue.next()).toBe(early);
  });
});

describe('whatever comes and goes', () => {
  const client = fc.constantFrom('a', 'b', 'c', 'd');
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant('add' as const), client, background: fc.boolean(), alone: fc.nat(9) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('next' as const) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('leave' as const), which: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('set aside' as const), which: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('come back' as const), which: fc.nat() }) },
  );
  // Long runs: only these let a rule that is broken add up.
  const steps = fc.array(step, { maxLength: 200, size: 'max' });

  it('places and bounds hold, each begins once, and a client is served in its order', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const queue = createRequestQueue<Request>({ places: 3, backgroundPlaces: 2, waiting: 12, waitingOfOne: 6 });
        const waiting: Request[] = [];
        const running: Request[] = [];
        const aside: Request[] = [];
        for (const each of all) {
          if (each.do === 'add') {
            const made = request(each.client, each.background ? 'background' : 'interactive', each.alone === 0 ? 3 : 1);
            const counted = [...waiting, ...aside];
            const room = counted.length < 12 && counted.filter((other) => other.client === each.client).length < 6;
            expect(queue.add(made)).toBe(room);
            if (room) waiting.push(made);
          } else if (each.do === 'next') {
            const next = queue.next();
            if (!next) continue;
            expect(next).toBe(waiting.find((other) => other.client === next.client && other.priority === next.priority));
            waiting.splice(waiting.indexOf(next), 1);
            running.push(next);
            const taken = (of: readonly Request[]) => of.reduce((sum, { places }) => sum + places, 0);
            expect(taken(running)).toBeLessThanOrEqual(3);
            const background = running.filter(({ priority, places }) => priority === 'background' && places < 3);
            expect(taken(background)).toBeLessThanOrEqual(2);
          } else {
            const all = each.do === 'leave' ? [...waiting, ...running, ...aside] : each.do === 'set aside' ? running : aside;
            const one = all[each.which % Math.max(all.length, 1)];
            if (!one) continue;
            const from = [waiting, running, aside].find((list) => list.includes(one));
            from?.splice(from.indexOf(one), 1);
            if (each.do === 'leave') queue.leave(one);
            else if (each.do === 'set aside') {
              queue.setAside(one);
              aside.push(one);
            } else {
              queue.comeBack(one);
              // Before all others of its client.
              waiting.unshift(one);
            }
          }
          expect([queue.waiting, queue.underWay, queue.aside]).toEqual([waiting.length, running.length, aside.length]);
        }
        // Nobody is forgotten: with all places free everybody who waits begins.
        for (const each of running) queue.leave(each);
        for (const each of aside.splice(0)) {
          queue.comeBack(each);
          waiting.push(each);
        }
        expect(new Set(drain(queue))).toEqual(new Set(waiting));
      }),
    );
  });

  it('a client with nothing under way is let in before any other of its class begins twice', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const queue = createRequestQueue<Request>({ places: 2, backgroundPlaces: 1, waiting: 100, waitingOfOne: 100 });
        const running: Request[] = [];
        const waiting = new Map<string, number>();
        /** How often each other client began since this one waits with nothing under way. */
        const overtaken = new Map<string, Map<string, number>>();
        const idle = (who: string) => !running.some((each) => each.client === who);
        for (const each of all) {
          if (each.do === 'add') {
            queue.add(request(each.client));
            waiting.set(each.client, (waiting.get(each.client) ?? 0) + 1);
          } else if (each.do === 'next') {
            const next = queue.next();
            if (!next) continue;
            running.push(next);
            waiting.set(next.client, (waiting.get(next.client) ?? 0) - 1);
            overtaken.delete(next.client);
            for (const [who, count] of waiting) {
              if (who === next.client || count === 0 || !idle(who)) continue;
              const by = overtaken.get(who) ?? new Map<string, number>();
              by.set(next.client, (by.get(next.client) ?? 0) + 1);
              overtaken.set(who, by);
              expect(by.get(next.client)).toBeLessThanOrEqual(1);
            }
          } else {
            const gone = running.splice(each.which % Math.max(running.length, 1), 1)[0];
            if (gone) queue.leave(gone);
          }
        }
      }),
    );
  });

  it('the background is passed over so many times at most', () => {
    fc.assert(
      fc.property(steps, (all) => {
        const queue = createRequestQueue<Request>({ places: 3, backgroundPlaces: 2, waiting: 100, waitingOfOne: 100 });
        const running: Request[] = [];
        let [background, passed] = [0, 0];
        for (const each of all) {
          if (each.do === 'add') {
            queue.add(request(each.client, each.background ? 'background' : 'interactive'));
            if (each.background) background += 1;
          } else if (each.do === 'next') {
            const next = queue.next();
            if (!next) continue;
            running.push(next);
            if (next.priority === 'background') background -= 1;
            const served = running.filter(({ priority }) => priority === 'background').length;
            if (next.priority === 'background' || background === 0) passed = 0;
            else if (served < 2) passed += 1;
            expect(passed).toBeLessThanOrEqual(PATIENCE);
          } else {
            const gone = running.splice(each.which % Math.max(running.length, 1), 1)[0];
            if (gone) queue.leave(gone);
          }
        }
      }),
    );
  });
});
