import { SillError } from '../core/errors.ts';
import type { ModelId } from '../core/ids.ts';

export const notInstalled = (id: ModelId): SillError =>
  new SillError(
    'model_not_installed',
    `${id} is not installed on this device. Install it in the Models view, or with sill.models.install("${id}").`,
    { details: { id } },
  );
