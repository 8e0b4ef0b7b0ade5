/** What is kept for one block of tokens that follows those before it. */
export interface KeptValue {
  readonly sizeBytes: number;
}

/** Values by chains of blocks: what was computed for the beginning of one prompt, for others that begin alike. */
export interface PrefixTree<T extends KeptValue> {
  /** Values of the longest beginning of `path` that is kept, first block first. They count as used. */
  find(salt: string, path: readonly string[]): T[];
  /**
   * Keeps a value for the last block of `path`, in place of an earlier one. Not without those of the blocks before it: then, or when it is
   * larger than the bound, it is let go at once.
   */
  put(salt: string, path: readonly string[], value: T): void;
  /** Lets go of everything. */
  clear(): void;
  readonly sizeBytes: number;
}

/** One block's part of a path. */
export const blockKey = (block: readonly number[]): string => block.join();

interface Node<T> {
  readonly key: string;
  readonly parent: Node<T> | undefined;
  readonly children: Map<string, Node<T>>;
  value: T | undefined;
  usedAt: number;
}

/**
 * vLLM hashes a block together with the hash of the chain before it and looks that up. Here the chain is a path in a tree and the tokens
 * themselves are the keys: no collision can ever hand one prompt the cache of another. Each salt has a root of its own. Past the bound the
 * leaf goes whose last use is longest ago, so that a beginning outlives what follows it.
 * @param drop called once for each value that is let go
 */
export function createPrefixTree<T extends KeptValue>(maxBytes: number, drop: (value: T) => void): PrefixTree<T> {
  const roots = new Map<string, Node<T>>();
  const nodes = new Set<Node<T>>();
  let sizeBytes = 0;
  let uses = 0;

  const create = (key: string, parent: Node<T> | undefined): Node<T> => ({
    key,
    parent,
    children: new Map(),
    value: undefined,
    usedAt: 0,
  });

  const chain = (salt: string, path: readonly string[]): Node<T>[] => {
    const found: Node<T>[] = [];
    let at = roots.get(salt);
    for (const key of path) {
      at = at?.children.get(key);
      if (!at) break;
      found.push(at);
    }
    return found;
  };

  const letGo = (value: T) => {
    sizeBytes -= value.sizeBytes;
    drop(value);
  };

  const evict = () => {
    let oldest: Node<T> | undefined;
    for (const node of nodes) if (node.children.size === 0 && (!oldest || node.usedAt < oldest.usedAt)) oldest = node;
    if (!oldest) return;
    nodes.delete(oldest);
    oldest.parent?.children.delete(oldest.key);
    if (oldest.value) letGo(oldest.value);
  };

  const forgetEmptyRoots = () => {
    for (const [salt, root] of roots) if (root.children.size === 0) roots.delete(salt);
  };

  return {
    find(salt, path) {
      uses += 1;
      return chain(salt, path).flatMap((node) => {
        node.usedAt = uses;
        return node.value ? [node.value] : [];
      });
    },
    put(salt, path, value) {
      const key = path.at(-1);
      const before = chain(salt, path.slice(0, -1));
      if (key === undefined || before.length < path.length - 1 || value.sizeBytes > maxBytes) return drop(value);
      const root = roots.get(salt) ?? create('', undefined);
      roots.set(salt, root);
      const parent = before.at(-1) ?? root;
      const node = parent.children.get(key) ?? create(key, parent);
      parent.children.set(key, node);
      nodes.add(node);
      if (node.value) letGo(node.value);
      node.value = value;
      sizeBytes += value.sizeBytes;
      uses += 1;
      // The whole chain: a beginning is never older than what follows it.
      for (const each of [...before, node]) each.usedAt = uses;
      while (sizeBytes > maxBytes) evict();
      forgetEmptyRoots();
    },
    clear() {
      for (const { value } of nodes) if (value) letGo(value);
      nodes.clear();
      roots.clear();
    },
    get sizeBytes() {
      return sizeBytes;
    },
  };
}
