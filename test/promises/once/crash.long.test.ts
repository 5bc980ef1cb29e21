import { test } from 'vitest';
import {
  crashesOfCancelling,
  crashesOnTheWay,
  leavesCancellation,
  leavesExport,
  survivesCancelling,
  survivesCrash,
} from './crashing.js';

test.concurrent.for(crashesOnTheWay.others)(leavesExport, survivesCrash);

test.concurrent.for(crashesOfCancelling.others)(leavesCancellation, survivesCancelling);
