import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from './conversation.ts';
import { messageTree } from './messageTree.ts';

const said = (id: string, parent?: string, createdAtMs = Number(id.slice(1))): Message => ({
  ...{ id, role: 'user', text: id, createdAtMs },
  ...(parent === undefined ? {} : { parent }),
});

describe('a tree of messages', () => {
  const tree = messageTree([said('m1'), said('m2', 'm1'), said('m3', 'm1'), said('m4', 'm3'), said('m5', 'm2')]);

  it('has a path from the first message to any other, and none to one that is not there', () => {
    expect(tree.pathTo('m4').map(({ id }) => id)).toEqual(['m1', 'm3', 'm4']);
    expect(tree.pathTo('m9')).toEqual([]);
    expect(tree.pathTo(undefined)).toEqual([]);
  });

  it('knows the branches at a place, oldest first, and where each was written at last', () => {
    const [, second] = tree.pathTo('m4');
    expect(second && tree.siblings(second).map(({ id }) => id)).toEqual(['m2', 'm3']);
    expect([tree.newestLeaf('m2'), tree.newestLeaf('m3'), tree.newestLeaf(undefined)]).toEqual(['m5', 'm4', 'm5']);
  });

  it('keeps what two tabs said to the same message as two branches', () => {
    const both = messageTree([said('m1'), said('m2', 'm1'), { ...said('m3', 'm1'), createdAtMs: 2 }]);
    expect([both.pathTo('m2').length, both.pathTo('m3').length]).toEqual([2, 2]);
  });
});

/** Any messages at all: with parents that are missing, themselves, or in a circle. */
const anyMessages = fc
  .uniqueArray(fc.record({ id: fc.nat(20), parent: fc.option(fc.nat(25), { nil: undefined }), at: fc.nat(5) }), {
    selector: ({ id }) => id,
  })
  .map((all) => all.map(({ id, parent, at }) => said(`m${id}`, parent === undefined ? undefined : `m${parent}`, at)));

describe('whatever the messages are', () => {
  it('none is lost: each is on the path to itself, among its own branches, and under exactly one beginning', () => {
    fc.assert(
      fc.property(anyMessages, (messages) => {
        const tree = messageTree(messages);
        const begun = new Set<string>();
        for (const message of messages) {
          const path = tree.pathTo(message.id);
          expect(path.at(-1)).toBe(message);
          expect(new Set(path).size).toBe(path.length);
          expect(tree.siblings(message)).toContain(message);
          if (path[0]) begun.add(path[0].id);
        }
        const [any] = messages;
        const root = any && tree.pathTo(any.id)[0];
        expect(root ? new Set(tree.siblings(root).map(({ id }) => id)) : new Set()).toEqual(begun);
      }),
    );
  });

  it('the newest leaf of a branch is a message of it after which nothing was said, and the latest such', () => {
    fc.assert(
      fc.property(anyMessages, (messages) => {
        const tree = messageTree(messages);
        const leaves = messages.filter(
          ({ id }) => !messages.some((other) => other.id !== id && tree.pathTo(other.id).some((on) => on.id === id)),
        );
        for (const { id } of messages) {
          const under = leaves.filter((leaf) => tree.pathTo(leaf.id).some((on) => on.id === id));
          const newest = tree.newestLeaf(id);
          expect(under.map((leaf) => leaf.id)).toContain(newest);
          expect(Math.max(...under.map(({ createdAtMs }) => createdAtMs))).toBe(tree.get(newest ?? '')?.createdAtMs);
        }
      }),
    );
  });

  it('is the same in whatever order the messages come', () => {
    fc.assert(
      fc.property(anyMessages, fc.infiniteStream(fc.nat()), (messages, random) => {
        const shuffled = messages
          .map((message) => ({ message, key: random.next().value ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ message }) => message);
        const [one, other] = [messageTree(messages), messageTree(shuffled)];
        for (const message of messages) {
          expect(other.pathTo(message.id)).toEqual(one.pathTo(message.id));
          expect(other.siblings(message)).toEqual(one.siblings(message));
        }
      }),
    );
  });
});
