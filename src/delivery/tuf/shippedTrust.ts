import { SillError } from '../../core/errors.ts';
import type { Fetcher } from '../../ports/delivery.ts';
import { isHtml } from '../transferFailure.ts';

/**
 * A file that came with the app, as text: served from the shell that the service worker keeps, so that it is of the same release as
 * the code that asks.
 * @throws SillError `network_unavailable` | `catalog_unavailable`, by the returned function
 */
export const shippedFile = (url: string, fetcher: Fetcher) => async (): Promise<string> => {
  let response: Response;
  try {
    response = await fetcher(url, { cache: 'no-cache' });
  } catch (cause) {
    throw new SillError('network_unavailable', `${url} cannot be reached. Check the network connection.`, { cause, details: { url } });
  }
  if (response.ok && !isHtml(response)) return response.text();
  throw new SillError(
    'catalog_unavailable',
    `This app was published without ${url}, which says whose models to trust. Installed models keep working. Ask the operator of this ` +
      'site to build the app again.',
    { details: { url, status: response.status } },
  );
};
