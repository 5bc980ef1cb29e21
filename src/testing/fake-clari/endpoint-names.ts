/** What can be asked of the API, by the name that rules and the journal use. */
export const apiEndpoints = [
  'limits',
  'forecastList',
  'createForecastExport',
  'createActivityExport',
  'createAuditExport',
  'auditEvents',
  'jobList',
  'jobStatus',
  'cancelJob',
  'results',
] as const;

export type ApiEndpoint = (typeof apiEndpoints)[number];

/** With the host of the download links, which has one thing to ask for. */
export const endpointNames = [...apiEndpoints, 'link'] as const;

export type EndpointName = (typeof endpointNames)[number];
