import { SillError } from '../core/errors.ts';
import type { Fetcher } from '../ports/delivery.ts';

/**
 * The policy file as the server has it now, or as the service worker kept it, unparsed.
 * @throws SillError `network_unavailable` when it cannot be had | `invalid_request` when it is no JSON
 */
export async function readServedPolicy(fetcher: Fetcher, url: string, signal: AbortSignal): Promise<unknown> {
  const response = await fetcher(url, { signal }).catch((cause: unknown) => {
    throw new SillError('network_unavailable', `${url} cannot be reached. What it said before holds.`, { cause, details: { url } });
  });
  if (!response.ok) {
    throw new SillError(
      'network_unavailable',
      `${url} cannot be read: the server answered ${response.status}. What it said before holds.`,
      {
        details: { url, status: response.status },
      },
    );
  }
  try {
    return await response.json();
  } catch (cause) {
    throw new SillError('invalid_request', `${url} is no JSON. Mend it; what it said before holds.`, { cause, details: { url } });
  }
}
