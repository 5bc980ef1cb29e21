import { existsSync } from 'node:fs';
import { loadEnvFile } from 'node:process';

/** Reads `.env` of the working folder, if there is one. A variable that is already set keeps its value. */
export function readEnvFile(path = '.env'): void {
  if (existsSync(path)) loadEnvFile(path);
}
