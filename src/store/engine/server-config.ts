const MIB = 1024 ** 2;

/** The engine's own configuration: a bound on memory, and caches that fit under it. chDB's defaults reckon with a machine of its own. */
export function serverConfig(maxMemoryBytes: number): string {
  const settings: Record<string, number | string> = {
    max_server_memory_usage: maxMemoryBytes,
    max_server_memory_usage_to_ram_ratio: 0.9,
    merges_mutations_memory_usage_soft_limit: Math.floor(maxMemoryBytes / 2),
    mark_cache_size: 32 * MIB,
    index_mark_cache_size: 16 * MIB,
    primary_index_cache_size: 32 * MIB,
    text_index_tokens_cache_size: 16 * MIB,
    text_index_header_cache_size: 16 * MIB,
    text_index_postings_cache_size: 16 * MIB,
    query_condition_cache_size: 8 * MIB,
    compiled_expression_cache_size: 16 * MIB,
    parquet_metadata_cache_size: 8 * MIB,
    background_pool_size: 2,
    max_thread_pool_size: 500,
    timezone: 'UTC',
  };
  const lines = Object.entries(settings).map(([name, value]) => `  <${name}>${value}</${name}>`);
  return `<clickhouse>\n${lines.join('\n')}\n  <logger><level>none</level></logger>\n</clickhouse>\n`;
}
