const STAGES = ['AWSCURRENT', 'AWSPENDING', 'AWSPREVIOUS'] as const;

/** Which value of which secret of AWS Secrets Manager. */
export interface AwsSecretName {
  /** Name or ARN. */
  readonly id: string;
  /** The text under this key, where the secret is a JSON object; undefined: the whole secret. */
  readonly key: string | undefined;
  readonly stage: (typeof STAGES)[number];
  /** Undefined: the one that the AWS SDK finds. */
  readonly region: string | undefined;
}

/** What AWS allows in names, and the colons of an ARN. */
const REFERENCE = /^([A-Za-z0-9/_+=.@:-]{1,2048})(?:#([^#?\p{C}]{1,256}))?(?:\?([^#?]*))?$/u;
const REGION = /^[a-z0-9-]{1,40}$/;
const REGION_OF_ARN = /^arn:[^:]*:secretsmanager:([a-z0-9-]{1,40}):/;

/**
 * Reads `ID[#KEY][?version=STAGE&region=REGION]`. The version is AWSCURRENT by default, and the region that of an ARN.
 * @throws SyntaxError that says the rule and never repeats the text
 */
export function awsSecretName(text: string): AwsSecretName {
  const [, id, key, query = ''] = REFERENCE.exec(text) ?? [];
  if (id === undefined)
    throw new SyntaxError(
      'it is not ID, ID#KEY, ID?version=STAGE&region=REGION or ID#KEY?..., with the name or ARN of a secret',
    );
  const parameters = new URLSearchParams(query);
  const wanted = parameters.get('version') ?? 'AWSCURRENT';
  const stage = STAGES.find((each) => each === wanted);
  if (stage === undefined) throw new SyntaxError(`its version is none of ${STAGES.join(', ')}`);
  const region = parameters.get('region') ?? REGION_OF_ARN.exec(id)?.[1];
  if (region !== undefined && !REGION.test(region)) throw new SyntaxError('its region is none such as eu-central-1');
  const names = [...parameters.keys()];
  if (names.some((name) => name !== 'version' && name !== 'region') || new Set(names).size < names.length)
    throw new SyntaxError('after the ? it says something other than version and region, each once');
  return { id, key, stage, region };
}
