import { describe, expect, it } from 'vitest';
import { awsSecretName } from '../../src/secrets/aws-reference.js';

const ARN = 'arn:aws-cn:secretsmanager:cn-north-1:123456789012:secret:clari/token-AbCdEf';

describe('the reference of a secret in AWS Secrets Manager', () => {
  it.each([
    ['clari/prod/api-token', { id: 'clari/prod/api-token' }],
    ['a#key of it', { id: 'a', key: 'key of it' }],
    ['a#key?version=AWSPENDING', { id: 'a', key: 'key', stage: 'AWSPENDING' }],
    ['a?version=AWSPREVIOUS&region=eu-west-1', { id: 'a', stage: 'AWSPREVIOUS', region: 'eu-west-1' }],
    ['a?region=eu-west-1', { id: 'a', region: 'eu-west-1' }],
    [ARN, { id: ARN, region: 'cn-north-1' }],
    [`${ARN}?region=cn-northwest-1`, { id: ARN, region: 'cn-northwest-1' }],
  ])('is read: %s', (text, said) => {
    expect(awsSecretName(text)).toEqual({ key: undefined, stage: 'AWSCURRENT', region: undefined, ...said });
  });

  it.each([
    ['?version=AWSCURRENT', /it is not ID/],
    ['a b', /it is not ID/],
    ['a#', /it is not ID/],
    ['a#b#c', /it is not ID/],
    ['a?version=AWSCURRENT#key', /it is not ID/],
    ['a?version=awscurrent', /version is none of AWSCURRENT, AWSPENDING, AWSPREVIOUS/],
    ['a?version=', /version is none/],
    ['a?region=EU', /region is none such as eu-central-1/],
    ['a?stage=AWSCURRENT', /other than version and region/],
    ['a?region=eu-west-1&region=eu-west-2', /each once/],
  ])('is refused: %s', (text, rule) => {
    expect(() => awsSecretName(text)).toThrow(rule);
  });
});
