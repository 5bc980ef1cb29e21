import { Command } from 'commander';
import { loadPolicy } from '../worker/choose-policy.js';
import { policyFileText } from '../redaction/policy-file-text.js';
import { answered, strict } from './answered.js';
import { interruptible } from './interruption.js';
import { checkAsJson, checkPolicyOn, shownCheck } from './policy/check.js';
import { POLICY_MEANING, redactionOf, withPolicyFlags, type PolicyFlags } from './policy-flags.js';

/** What a redaction policy says, and what it would do to a file. */
export function policyCommand(): Command {
  const check = withPolicyFlags(
    strict(new Command('check'))
      .description('Shows what would become of each field of a file, with no value; without a file, checks the policy')
      .argument('[file]', 'a forecast export in JSON or CSV, plain or zipped by gzip'),
  )
    .option('--json', 'everything, as JSON', false)
    .addHelpText(
      'after',
      '\nOnly fields and kinds of values are looked at: a date that is none is found by clari-temporal redact.' +
        '\nWhere nothing would land, it says why and ends with the exit code of that failure.' +
        '\n\nExample:\n  clari-temporal policy check export.json --policy file:policy.yaml',
    )
    .action((file: string | undefined, { json, ...flags }: PolicyFlags & { json: boolean }) =>
      answered(async () => {
        const checked = await interruptible((signal) => checkPolicyOn(file, flags, signal));
        process.exitCode = checked.stops[0]?.exitCode ?? 0;
        return json ? checkAsJson(checked) : shownCheck(checked);
      }),
    );
  const show = strict(new Command('show'))
    .description('Prints a policy as a policy file that names every column')
    .argument('[policy]', POLICY_MEANING)
    .addHelpText('after', '\nExample:\n  clari-temporal policy show keyed > policy.yaml')
    .action((policy: string | undefined) =>
      answered(async () =>
        policyFileText(await loadPolicy(redactionOf(policy === undefined ? {} : { policy }).policy)),
      ),
    );
  return strict(new Command('policy'))
    .description('Redaction policies: what they say, and what they would do to a file')
    .addHelpText('after', '\nExample:\n  clari-temporal policy check export.json')
    .addCommand(check)
    .addCommand(show);
}
