import type { ColumnModel } from '../../model/tables.js';

/** The column that every row of a landed table carries before the model's. */
export const exportId: ColumnModel = {
  name: 'export_id',
  type: 'text',
  sensitivity: 'none',
  description: 'Export that the row belongs to; joins to exports.export_id.',
};
