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

/** How each is asked for; HEAD is answered as GET is. */
const apiMethods: Readonly<Record<ApiEndpoint, 'GET' | 'POST' | 'PATCH'>> = {
  limits: 'GET',
  forecastList: 'GET',
  createForecastExport: 'POST',
  createActivityExport: 'POST',
  createAuditExport: 'POST',
  auditEvents: 'GET',
  jobList: 'GET',
  jobStatus: 'GET',
  cancelJob: 'PATCH',
  results: 'GET',
};

/** Whether an endpoint is asked for by a method. */
export const isAskedBy = (endpoint: ApiEndpoint, method: string | undefined): boolean =>
  apiMethods[endpoint] === (method === 'HEAD' ? 'GET' : method);

/** With the host of the download links, which has one thing to ask for. */
export const endpointNames = [...apiEndpoints, 'link'] as const;

export type EndpointName = (typeof endpointNames)[number];
