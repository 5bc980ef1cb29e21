#!/usr/bin/env node
import { realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { Command } from 'commander';
import { accountCommand } from './cli/account.js';
import { strict } from './cli/answered.js';
import { demoCommand } from './cli/demo.js';
import { fakeClariCommand } from './cli/fake-clari.js';
import { leakScanCommand } from './cli/leak-scan.js';
import { policyCommand } from './cli/policy.js';
import { redactCommand } from './cli/redact.js';
import { sqlCommand } from './cli/sql.js';
import { workerCommand } from './cli/worker.js';

/** The command line; one file per command under cli/. */
export function program(): Command {
  return strict(new Command('clari-temporal'))
    .description('Moves revenue data out of Clari into your own warehouse, by Temporal workflows')
    .showHelpAfterError('(--help shows what there is)')
    .addCommand(workerCommand())
    .addCommand(accountCommand())
    .addCommand(demoCommand())
    .addCommand(sqlCommand())
    .addCommand(redactCommand())
    .addCommand(policyCommand())
    .addCommand(leakScanCommand())
    .addCommand(fakeClariCommand());
}

const [, started] = process.argv;
// npx starts a link to this file.
if (started !== undefined && import.meta.url === pathToFileURL(realpathSync(started)).href)
  await program().parseAsync();
