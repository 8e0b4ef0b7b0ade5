import * as v from 'valibot';
import { SillError, toSillError } from '../../core/errors.ts';
import { isVariantId } from '../../core/ids.ts';
import { FormScoresSchema } from '../../core/madeForm.ts';
import type { RefusedForm } from '../../protocol/importReports.ts';
import { natsWords, TOO_MUCH_LOST } from '../forms/makingForms.ts';

const DetailsSchema = v.object({
  reason: v.literal(TOO_MUCH_LOST),
  variant: v.pipe(v.string(), v.guard(isVariantId)),
  ...FormScoresSchema.entries,
});

/** Which form it was that lost too much; undefined for whatever else went wrong. */
export function refusedForm(reason: unknown): RefusedForm | undefined {
  if (!(reason instanceof SillError) || reason.code !== 'revision_refused') return undefined;
  const parsed = v.safeParse(DetailsSchema, reason.details);
  if (!parsed.success) return undefined;
  const { variant, reference, measured, bound } = parsed.output;
  return { variant, scores: { reference, measured, bound } };
}

/** The last refusal, which tells of those before it too; anything else is told as it is. */
export function allRefused(before: readonly RefusedForm[], reason: unknown): SillError {
  const error = toSillError(reason);
  const [first] = before;
  if (!first || !refusedForm(error)) return error;
  const told = before.map(
    ({ variant, scores }) => `As ${variant} it needs ${natsWords(scores.measured)} nats a token, which is too much as well. `,
  );
  return new SillError(error.code, told.join('') + error.message, { details: { ...error.details, first: first.variant }, cause: error });
}
