import { quoteLiteral } from '../duckdb/sql.js';

const BYTE = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const IPV4 = `(${BYTE}\\.){3}${BYTE}`;
const GROUPS = '[0-9a-f]{1,4}(:[0-9a-f]{1,4})*';

/**
 * The network of an IP address: `203.0.113.0/24`, `2001:db8:7::/48`. An IPv4 address inside an IPv6 one (`::ffff:203.0.113.9`) is
 * taken for what it is. Null for what is no address: nothing else gets through. Without DuckDB's `inet`, an extension.
 */
export function truncateSql(text: string): string {
  const address = `regexp_replace(lower(trim(${text})), ${quoteLiteral(`^::ffff:(${IPV4})$`)}, '\\1')`;
  // Its last 32 bits are beyond the network.
  const groups = `regexp_replace(regexp_replace(address, '%[0-9a-z_.-]+$', ''), ${quoteLiteral(`:${IPV4}$`)}, ':0:0')`;
  const filled = `list_concat(head, list_resize(CAST([] AS VARCHAR[]), 8 - len(head) - len(rest), '0'), rest)`;
  const network =
    `CASE WHEN regexp_full_match(address, ${quoteLiteral(IPV4)}) THEN regexp_replace(address, '[0-9]+$', '0/24') ` +
    `WHEN regexp_full_match(groups, ${quoteLiteral(GROUPS)}) AND len(head) = 8 THEN ${networkSql('head')} ` +
    `WHEN regexp_full_match(groups, ${quoteLiteral(`(${GROUPS})?::(${GROUPS})?`)}) AND len(head) + len(rest) <= 7 ` +
    `THEN ${networkSql(filled)} END`;
  return letSql(
    'address',
    address,
    letSql('groups', groups, letSql('head', partSql(1), letSql('rest', partSql(2), network))),
  );
}

/** `body`, in which `name` stands for `value`. */
const letSql = (name: string, value: string, body: string): string =>
  `list_transform([${value}], lambda ${name}: ${body})[1]`;

/** The groups before, and after, the `::`. */
function partSql(part: 1 | 2): string {
  const text = `split_part(groups, '::', ${part})`;
  return `CASE WHEN ${text} = '' THEN CAST([] AS VARCHAR[]) ELSE string_split(${text}, ':') END`;
}

/** The first three of eight groups, without the zeros that need not be written. */
function networkSql(groups: string): string {
  const three = [1, 2, 3].map((at) => `coalesce(nullif(ltrim((${groups})[${at}], '0'), ''), '0')`);
  return `regexp_replace(${three.join(` || ':' || `)}, '(^|:)0(:0)*$', '') || '::/48'`;
}
