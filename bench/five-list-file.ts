import { closeSync, openSync, writeSync } from 'node:fs';

/** Fields of one forecast tab. */
const FIELDS = 40;

/** A name as Clari's JSON may spell it. */
const nameOf = (user: number): string => `P\\u00e9rson \\"Q\\" ${user} 😀`;

function entryText(at: number, users: number): string {
  const user = at % users;
  const day = String(1 + (at % 28)).padStart(2, '0');
  const by = at % 50 === 0 ? `Somebody who left ${at}` : at % 5 < 3 ? nameOf(user) : String(40_000 + user);
  return (
    `{"timePeriodId":"2027_Q2","timeFrameId":"TF:2026-10-${day}","userId":"${40_000 + user}:00E${String(user).padStart(12, '0')}AAA",` +
    `"fieldId":"fc_commit_${Math.floor(at / users) % FIELDS}","forecastValue":${at % 101 === 0 ? 'null' : ((at * 37.13) % 1e6).toFixed(2)},` +
    `${at % 97 === 0 ? '' : `"quotaValue":${(at % 9000) * 100},`}${at % 89 === 0 ? '' : '"currency":{"code":"USD","symbol":"$"},'}` +
    `"isUpdated":${at % 3 === 0},"updatedBy":"${by}","updatedOn":${1_791_970_000_000 + at}}`
  );
}

function userText(at: number): string {
  const id = 40_000 + at;
  return (
    `{"userId":"${id}:00E${String(at).padStart(12, '0')}AAA","name":"${nameOf(at)}","email":"Person.${at}@Example.com","crmId":"005${at}",` +
    `"hierarchyId":"00E${at}","hierarchyName":"AE ${at % 50}","parentHierarchyId":null,"scopeId":"{\\"type\\":\\"USER\\",\\"userId\\":${id}}"}`
  );
}

/** Writes a file of five lists, of about `bytes` before it is indented; the same bytes every time. */
export function makeFiveListFile(path: string, bytes: number, indent?: number): void {
  const users = Math.min(200_000, Math.max(50, Math.round(bytes / 6000)));
  const layout = (record: string): string =>
    indent === undefined ? record : `\n${JSON.stringify(JSON.parse(record), undefined, indent)}`;
  const fd = openSync(path, 'w');
  let written = writeSync(fd, '{"entries":[');
  for (let at = 0; written < bytes * 0.96;) {
    const block: string[] = [];
    for (const end = at + 2000; at < end; at++) block.push(`${at === 0 ? '' : ','}${layout(entryText(at, users))}`);
    written += writeSync(fd, block.join(''));
  }
  writeSync(fd, '],"users":[');
  for (let at = 0; at < users; at++) writeSync(fd, `${at === 0 ? '' : ','}${layout(userText(at))}`);
  writeSync(
    fd,
    '],"fields":[{"fieldId":"fc_commit_1","fieldName":"Commit","fieldType":"forecast"}],"timePeriods":[],"timeFrames":[]}',
  );
  closeSync(fd);
}
