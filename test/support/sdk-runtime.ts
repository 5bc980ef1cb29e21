import { Runtime } from '@temporalio/worker';
import { sdkLogger } from './sdk-logs.js';

// A process has one, and what needs one first makes it.
Runtime.install({ logger: sdkLogger });
