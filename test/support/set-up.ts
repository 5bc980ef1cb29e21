/** Before each file: files that follow each other in a process have the same modules, and so the same Runtime and its log. */
import { sdkLogs } from './sdk-logs.js';
import './sdk-runtime.js';

sdkLogs.length = 0;
