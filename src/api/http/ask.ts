import * as v from 'valibot';
import { SillError } from '../../core/errors.ts';
import type { ItemOf, MethodName, ResultOf } from '../../protocol/contract.ts';
import { type EngineContract, engineContract } from '../../protocol/engine.ts';
import { type Handlers, Transferring } from '../../protocol/server.ts';

type Name = MethodName<EngineContract>;
/** All that the facades are built on. */
export type EngineHandlers = Omit<Handlers<EngineContract>, 'http'>;

export interface AskOptions<Item> {
  readonly signal: AbortSignal;
  readonly onItem?: (item: Item) => Promise<void>;
  readonly onAccepted?: (() => void) | undefined;
}

/**
 * Asks the engine by its contract, as somebody outside would: parameters are parsed, and whatever stands before a handler (a guest's grants) is
 * asked as well.
 * @throws SillError `invalid_request` with the `param` that is wrong | what the method throws
 */
export type Ask = <K extends keyof EngineHandlers & Name>(
  name: K,
  params: unknown,
  options: AskOptions<ItemOf<EngineContract, K>>,
) => Promise<ResultOf<EngineContract, K>>;

export function createAsk(handlers: EngineHandlers): Ask {
  return async (name, params, { signal, onItem = async () => undefined, onAccepted }) => {
    const parsed = v.safeParse(engineContract[name].params, params);
    if (!parsed.success) throw wrongParam(parsed.issues[0]);
    const result = await handlers[name](parsed.output, { signal, emit: onItem, onAccepted });
    return result instanceof Transferring ? result.value : result;
  };
}

/** The first of what is wrong, as OpenAI tells it. */
export function wrongParam(issue: v.BaseIssue<unknown>): SillError {
  const param = v.getDotPath(issue);
  if (param && issue.kind === 'schema' && issue.input === undefined && issue.message.startsWith('Invalid'))
    return new SillError('invalid_request', `"${param}" is required.`, { details: { param } });
  return new SillError('invalid_request', `${param ? `"${param}": ` : ''}${issue.message}.`, { details: param ? { param } : {} });
}
