import { VISIT_LOCK } from '../../protocol/locks.ts';

/** Until the end of a visit no new version of the app reloads the page under a person. @returns ends it */
export function holdVisit(): () => void {
  let end = (): void => undefined;
  const gone = new Promise<void>((resolve) => {
    end = resolve;
  });
  void navigator.locks.request(VISIT_LOCK, { mode: 'shared' }, () => gone);
  return end;
}
