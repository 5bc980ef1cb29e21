/** Every workflow of the package; what a worker bundles. */
export { clariAccount } from './clari-account.js';
export { exportForecast } from './export-forecast.js';
