/**
 * The content checksum of a table: the same number in every destination, whatever the order of the rows.
 *
 * For each row, its columns in the model's order as text, each preceded by its length:
 * `text` as is; `decimal` as the integer of its billionths (scale 9); `int64` in decimal; `boolean` as `1` / `0`; `date` as
 * `YYYY-MM-DD`; `timestamp` as microseconds since 1970. The row's number is the first 15 hex digits of the MD5 of that text
 * (UTF-8); the table's is their sum. `export_id` is not part of it.
 *
 * A field is `<length>:<text>` with the length in characters (Unicode code points), or `:` alone for null.
 */

export const CHECKSUM_HEX_DIGITS = 15;
