export interface DuckDbLimits {
  /** DuckDB's buffer pool, in megabytes (10^6). The process takes some 130 MB more. At least 64. */
  readonly memoryLimitMb: number;
  /** Threads of this instance. At least 1. */
  readonly threads: number;
  /** Keep rows in the order of the input. Default true; false is quicker and takes more memory. */
  readonly preserveInsertionOrder?: boolean;
  /** Folder for what does not fit into memory. Default '': nothing spills, a query that would need it fails. */
  readonly tempDirectory?: string;
}

/** Options for `DuckDBInstance.create`: bounded memory, no extension from the network, and by default not a byte in temporary files. */
export function closedOptions(limits: DuckDbLimits): Record<string, string> {
  return {
    memory_limit: `${limits.memoryLimitMb}MB`,
    threads: String(limits.threads),
    temp_directory: limits.tempDirectory ?? '',
    preserve_insertion_order: String(limits.preserveInsertionOrder ?? true),
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
  };
}
