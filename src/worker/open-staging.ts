import type { StagingSettings } from '../config/settings.js';
import { openLocalStaging } from '../staging/local.js';
import type { StagingArea } from '../staging/port.js';
import { openS3Staging } from '../staging/s3/area.js';

const MIB = 1024 * 1024;

/** The staging area that the settings name. @throws ExportError where it can't be used, so that no run could begin */
export function openStaging(settings: StagingSettings): Promise<StagingArea> {
  const { limitMb } = settings;
  const bound = limitMb === undefined ? {} : { maxBytes: limitMb * MIB };
  if (settings.kind === 's3') return openS3Staging({ ...settings, ...bound });
  return openLocalStaging(settings.path, bound);
}
