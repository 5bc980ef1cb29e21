import { isSource } from './imports.js';
import type { Check } from './repository.js';

const MOST_LINES = 300;

/** Source files that have grown past the size at which a file holds two ideas. */
export const checkSizes: Check = (files) =>
  files.filter(isSource).flatMap(({ path, text }) => {
    const lines = text.trimEnd().split('\n').length;
    return lines > MOST_LINES ? [`${path}: ${lines} lines, more than ${MOST_LINES}: split it`] : [];
  });
