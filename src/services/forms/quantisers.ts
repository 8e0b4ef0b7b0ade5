import { SillError } from '../../core/errors.ts';
import { lostPart } from '../../core/lostPart.ts';
import type { FormRecipe } from '../../core/making.ts';
import type { ModelFiles } from '../../ports/forge.ts';
import { createClient } from '../../protocol/client.ts';
import type { QuantiserContract } from '../../protocol/forge.ts';
import { isOutOfMemory, outOfMemory } from './forgeFaults.ts';
import type { Maker } from './transcoding.ts';

export interface Quantisers {
  readonly spawn: () => Worker;
  readonly count: number;
  readonly files: ModelFiles;
  readonly recipe: FormRecipe;
}

/** Workers that compute the steps of one plan, for as long as `use` takes. @throws SillError `worker_lost` | `out_of_memory` | what `use` throws */
export async function withQuantisers<T>(
  { spawn, count, files, recipe }: Quantisers,
  use: (makers: readonly Maker[]) => Promise<T>,
): Promise<T> {
  const workers = Array.from({ length: Math.max(1, count) }, () => {
    const worker = spawn();
    const client = createClient<QuantiserContract>(worker);
    const onLost = (event: Event): void => {
      event.preventDefault();
      client.close(lost('message' in event && typeof event.message === 'string' ? event.message : event.type));
    };
    worker.addEventListener('error', onLost);
    worker.addEventListener('messageerror', onLost);
    return { worker, client };
  });
  try {
    const makers = await Promise.all(
      workers.map(async ({ client }): Promise<Maker> => {
        await client.call('open', { files: [...files], ...recipe, wider: [...(recipe.wider ?? [])] });
        return (step, piece, signal) => client.call('make', { step, piece }, { signal });
      }),
    );
    return await use(makers);
  } finally {
    for (const { worker, client } of workers) {
      worker.terminate();
      client.close(lost('ended'));
    }
  }
}

/** A buffer that cannot be had is the usual end of such a worker. */
const lost = (cause: string): SillError =>
  isOutOfMemory(cause)
    ? outOfMemory({ details: { cause } })
    : new SillError(
        'worker_lost',
        'Rewriting the model stopped because its worker failed. What was made is kept, and the next try goes on from there.',
        {
          details: { cause, ...lostPart('forge') },
        },
      );
