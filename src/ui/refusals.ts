import { msg } from '@lit/localize';
import type { Attack } from '../core/tuf/refusal.ts';
import type { ErrorWords } from './errors.ts';

const usual = (): string => msg('It was refused and nothing installed was changed. If it happens again, tell the operator of this site.');
const older = (): ErrorWords => ({ title: msg('The server sent an older list of models than is known here'), advice: usual() });
const mixed = (): ErrorWords => ({
  title: msg('The parts of the list of models do not belong together'),
  advice: msg(
    'It was refused and nothing installed was changed. Perhaps it is being published just now: try again in a few minutes. If it goes on, tell the operator of this site.',
  ),
});

/** What is worth telling apart to a person; the details name the rest. */
const WORDS: Readonly<Partial<Record<Attack, () => ErrorWords>>> = {
  another_root: () => ({
    title: msg('This site now belongs to another publisher than the one that this device trusts'),
    advice: msg(
      'Installed models keep working; nothing new is accepted. If its operator told you that the site was set up anew, accept the new trust root in Storage. If you did not expect this, tell the operator.',
    ),
  }),
  below_floor: older,
  endless_data: () => ({ title: msg('The server sends more than a list of models can be'), advice: usual() }),
  fast_forward: () => ({
    title: msg('Somebody has driven up the version numbers of the list of models'),
    advice: msg(
      'Honest lists cannot follow until its publisher has replaced the keys: tell the operator of this site. Nothing installed was changed.',
    ),
  }),
  mix_and_match: mixed,
  rollback: older,
  unsigned: () => ({ title: msg('The list of models is not signed'), advice: usual() }),
  wrong_hash: mixed,
  wrong_key: () => ({ title: msg('The list of models is signed by somebody else than its publisher'), advice: usual() }),
  wrong_length: mixed,
};

const isTold = (attack: unknown): attack is keyof typeof WORDS => typeof attack === 'string' && Object.hasOwn(WORDS, attack);

/** Words for `untrusted_catalog` by the attack in its details. */
export const refusalWords = (attack: unknown): ErrorWords =>
  (isTold(attack) ? WORDS[attack]?.() : undefined) ?? {
    title: msg('The list of models is not the one that its publisher signed'),
    advice: usual(),
  };
