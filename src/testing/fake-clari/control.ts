import type { IncomingMessage, ServerResponse } from 'node:http';
import { canaries } from './canaries.js';
import { ControlBodyError, jobChangeFrom, tokenChangeFrom } from './control-bodies.js';
import { readText } from './exchange.js';
import type { FaultRule } from './faults/rule.js';
import { FaultRulesError } from './faults/rule-faults.js';
import type { World } from './world.js';
import { expectedOf } from './world.js';

/** Where a fake server is told what to do and asked what it saw: beside the API's prefix, so that no client of the API gets there. */
export const CONTROL_PATH = '/_fake';

interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** `body`: JSON, undefined for none. `jobId`: what stands behind the command in the address. */
type Command = (world: World, body: unknown, jobId: string) => ControlAnswer;

const ok = (body: unknown): ControlAnswer => ({ status: 200, body });
const faulty = (faults: readonly string[]): ControlAnswer => ({ status: 400, body: { faults } });

/** `struck` names requests by their place in the journal. */
const faultState = ({ faults, journal }: World): ControlAnswer =>
  ok({
    rules: faults.rules(),
    struck: faults.struck().map(({ rule, entry }) => ({ request: journal.entries.indexOf(entry), fault: rule.fault })),
  });

const noJob = (jobId: string): ControlAnswer => ({
  status: 404,
  body: { faults: [`no job ${jobId}; GET ${CONTROL_PATH}/jobs tells which there are`] },
});

const COMMANDS: Readonly<Record<string, Command>> = {
  'GET faults': faultState,
  'PUT faults': (world, body) => {
    world.faults.set(body as readonly FaultRule[]);
    return faultState(world);
  },
  'POST faults': (world, body) => {
    world.faults.add(...((Array.isArray(body) ? body : [body]) as readonly FaultRule[]));
    return faultState(world);
  },
  'DELETE faults': (world) => {
    world.faults.clear();
    return faultState(world);
  },
  'GET journal': ({ journal }) => ok(journal.entries),
  'GET jobs': ({ jobs }) => ok(jobs.all()),
  'PATCH jobs': ({ jobs }, body, jobId) => {
    const change = jobChangeFrom(body);
    return jobs.get(jobId) === undefined ? noJob(jobId) : ok(jobs.update(jobId, change));
  },
  'GET expected': (world, _, jobId) => {
    if (world.jobs.get(jobId) === undefined) return noJob(jobId);
    const { bytes, counts } = expectedOf(world, jobId);
    return ok({ bytes, counts });
  },
  'GET canaries': (world) => {
    const expected = world.jobs.all().map(({ jobId }) => expectedOf(world, jobId));
    return ok([...canaries({ expected, tokens: world.tokens, links: world.links.minted() })]);
  },
  'POST tokens': ({ tokens }, body) => {
    const { add, revoke } = tokenChangeFrom(body);
    for (const token of add) tokens.add(token);
    for (const token of revoke) tokens.revoke(token);
    return ok({ added: add.length, revoked: revoke.length });
  },
};

/** Answers a request to the control endpoint, which leaves no trace in the journal; false for any other. */
export async function control(world: World, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  // The address as it was sent: `/v4/../_fake/` is a mistake of an API client, and must not get here.
  const [path = ''] = (request.url ?? '').split('?');
  if (!path.startsWith(`${CONTROL_PATH}/`)) return false;
  const [name = '', parameter = ''] = path.slice(CONTROL_PATH.length + 1).split('/');
  const { status, body } = await answerTo(world, request, `${request.method ?? ''} ${name}`, parameter);
  const text = `${JSON.stringify(body, undefined, 2)}\n`;
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
  return true;
}

async function answerTo(
  world: World,
  request: IncomingMessage,
  asked: string,
  parameter: string,
): Promise<ControlAnswer> {
  const command = Object.hasOwn(COMMANDS, asked) ? COMMANDS[asked] : undefined;
  if (command === undefined) {
    return { status: 404, body: { faults: [`no such command; there are ${Object.keys(COMMANDS).join(', ')}`] } };
  }
  const text = await readText(request);
  try {
    return command(world, text === '' || text === undefined ? undefined : JSON.parse(text), parameter);
  } catch (error) {
    if (error instanceof FaultRulesError || error instanceof ControlBodyError) return faulty(error.faults);
    if (error instanceof SyntaxError)
      return faulty(['body: is no JSON; send one with quotes around every name, such as {"fault": {"kind": "cut"}}']);
    throw error;
  }
}
