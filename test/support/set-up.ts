/** Before each file: files that follow each other in a process have the same modules, and so the same Runtime and its log. */
import { Agent, setGlobalDispatcher } from 'undici';
import { sdkLogs } from './sdk-logs.js';
import './sdk-runtime.js';

sdkLogs.length = 0;
// A server may get the port of one that is gone: a connection that was kept to that one is reset.
setGlobalDispatcher(new Agent({ pipelining: 0 }));
