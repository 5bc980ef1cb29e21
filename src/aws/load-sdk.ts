import { ExportError } from '../model/export-error.js';

/**
 * A client of the AWS SDK, which only those install who use its service.
 * @param load imports the package
 * @param needing what the package is for, as the beginning of a sentence: `CLARI_STAGING_DIR names a bucket`
 * @throws ExportError `ConfigurationInvalid` where it is not installed
 */
export async function loadSdk<T>(load: () => Promise<T>, needing: string, name: string): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND')) throw error;
    throw new ExportError(
      'ConfigurationInvalid',
      `${needing}, for which the package ${name} is missing: npm install ${name}.`,
    );
  }
}
