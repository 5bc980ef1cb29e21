/**
 * Inputs that can not be right, each as what stands after one `--input`, and what is said of them: the same whatever command
 * line sends them.
 */
export const faultyInputs: readonly (readonly [
  name: string,
  inputs: readonly string[],
  said: readonly (string | RegExp)[],
])[] = [
  ['no input at all', [], [/0 arguments came/, /{"forecastId":"net_arr"/]],
  [
    'an empty object',
    ['{}'],
    ['The input has a fault.', 'forecastId: is missing', 'Forecast Tab', '{"forecastId":"net_arr"'],
  ],
  ['an id that is null', ['{"forecastId":null}'], ['forecastId: must be text']],
  ['a number as id', ['{"forecastId":42}'], ['forecastId: must be text', 'put the number in quotes']],
  [
    'wrong types, all of them at once',
    [
      '{"forecastId":["net_arr"],"typesToExport":"forecast","includeHistorical":"yes","fresh":1,"currency":"usd","scopeId":1905}',
    ],
    [
      '6 faults',
      'forecastId: must be text',
      'typesToExport: must be a list without repeats of forecast, quota,',
      'includeHistorical: must be true or false without quotes',
      'fresh: must be true or false without quotes',
      'currency: must be a currency code of three capital letters',
      /scopeId: must be text .*put the number in quotes/,
    ],
  ],
  [
    'another way to write a quarter',
    ['{"forecastId":"net_arr","timePeriod":"2026-Q4"}'],
    ['YYYY_Qn', '2026_Q4 was probably meant'],
  ],
  ['two arguments', ['{"forecastId":"net_arr"}', '{"timePeriod":"2027_Q2"}'], ['2 arguments came']],
  ['an array', ['["net_arr"]'], ['an array came']],
  ['null', ['null'], ['null came']],
  ['a text', ['"net_arr"'], ['a string came']],
  [
    'fields in the wrong case or with a slip',
    ['{"forcastId":"net_arr","timeperiod":"2027_Q2"}'],
    ['forecastId was probably meant', 'timePeriod was probably meant', 'forecastId: is missing', '3 faults'],
  ],
  [
    'a field by another name that would be ignored otherwise',
    ['{"forecastId":"net_arr","quarter":"2027_Q2"}'],
    ['quarter: no such field; timePeriod was probably meant'],
  ],
  [
    'numbers in every field that is no number',
    [
      '{"connection":1,"forecastId":9007199254740993,"timePeriod":2027.0,"typesToExport":[1.0],"scopeId":-0.0,"currency":840,"includeHistorical":1.0,"fresh":0,"jobId":1e21,"allowIncomplete":1e0,"acceptChange":0.0}',
    ],
    [
      '11 faults',
      ...['connection', 'forecastId', 'timePeriod', 'scopeId', 'currency', 'jobId'].map(
        (field) => new RegExp(`${field}: must be text [^;]*; put the number in quotes`),
      ),
      ...['includeHistorical', 'fresh', 'allowIncomplete', 'acceptChange'].map(
        (field) => `${field}: must be true or false without quotes`,
      ),
      'typesToExport: must be a list without repeats of',
    ],
  ],
];
