import { msg } from '@lit/localize';
import type { ErrorData } from '../core/errors.ts';
import type { ErrorWords } from './errors.ts';

const again = (): string => msg('Run the benchmark again.');

/** How a benchmark ended that did not come to its end; undefined where it was none. What is kept of it is told beside it. */
export function benchmarkFaultWords({ details }: ErrorData): ErrorWords | undefined {
  switch (details?.benchmark) {
    case 'running':
      return {
        title: msg('Another benchmark is running'),
        advice: msg('Two at once would measure each other. Wait for its end, or stop it; it may be in another tab.'),
      };
    case 'changed':
      return { title: msg('The model changed while it was measured'), advice: again() };
    case 'removed':
      return {
        title: msg('The model was removed while it was measured'),
        advice: msg('Install it again in Models, then run the benchmark again.'),
      };
    default:
      return undefined;
  }
}

/** As `benchmarkFaultWords`, of a suite that was asked. */
export function evaluationFaultWords({ details }: ErrorData): ErrorWords | undefined {
  switch (details?.evaluation) {
    case 'running':
      return { title: msg('Another evaluation is running'), advice: msg('Wait for its end, or stop it; it may be in another tab.') };
    case 'changed':
      return { title: msg('The model changed while it was evaluated'), advice: msg('Run the suite again.') };
    case 'removed':
      return {
        title: msg('The model was removed while it was evaluated'),
        advice: msg('Install the same version of it again, then let the run go on.'),
      };
    case 'full':
      return {
        title: msg('There is not enough space for the next result'),
        advice: msg('Remove a model that you do not need, or free space on the device, then let the run go on.'),
      };
    case 'over':
      return {
        title: msg('This run cannot go on'),
        advice: msg('Its suite or its model is not as it was when the run began. Run the suite again.'),
      };
    default:
      return undefined;
  }
}
