/**
 * Types and client helpers. Nothing here needs Node, so workflow code may import it too.
 * @packageDocumentation
 */
export { explainFailure, type ExplainedFailure } from './client/explain-failure.js';
export {
  startForecastExport,
  type ExportForecastInput,
  type ForecastExportHandle,
  type StartForecastExportOptions,
} from './client/start-forecast-export.js';
export { ExportError } from './model/export-error.js';
export { failures, isFailureType, type FailureRow, type FailureType } from './model/failures.js';
export { progressQuery, stages, type ExportProgress, type ExportStage } from './model/progress.js';
export { holdMessages, type HoldAnswer } from './model/hold.js';
export type {
  AcceptedChange,
  Change,
  DroppedField,
  Finding,
  KeyMark,
  PolicyMark,
  Receipt,
  ReceiptPart,
  TableCount,
} from './model/receipt.js';
export { exportTypes, type ExportForecastRequest, type ExportType } from './model/request.js';
export { DEFAULT_TASK_QUEUE } from './model/task-queues.js';
