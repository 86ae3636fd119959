/** MySQL and MariaDB speak the same SQL but for what stands here. */
export interface Flavour {
  readonly product: 'MySQL' | 'MariaDB'
  /** The oldest version that has everything the tables and statements use. */
  readonly oldest: readonly number[]
  /** Orders and compares by code point; a space at the end counts. */
  readonly collation: string
  /** The collation whose case mapping knows the most of Unicode. */
  readonly folding: string
  /** A column of JSON. MariaDB's own refuses what is nested more than 32 levels deep. */
  readonly json: string
  /** Finds nothing by a path in which a key begins with a minus. */
  readonly missesMinus: boolean
  /** JSON_MERGE_PATCH removes keys in the order of the document, until one before them stays: others are passed over. */
  readonly patchesByOrder: boolean
  /** What savepoints undo stays in full-text indexes, unless the transaction wrote to one before. */
  readonly startsFullText: boolean
}

export const MYSQL: Flavour = {
  product: 'MySQL',
  oldest: [8, 0, 19],
  collation: 'utf8mb4_0900_bin',
  folding: 'utf8mb4_0900_as_cs',
  json: 'json',
  missesMinus: false,
  patchesByOrder: false,
  startsFullText: false,
}

export const MARIADB: Flavour = {
  product: 'MariaDB',
  oldest: [10, 11],
  collation: 'utf8mb4_nopad_bin',
  folding: 'utf8mb4_uca1400_as_cs',
  json: 'longtext character set utf8mb4 collate utf8mb4_bin',
  missesMinus: true,
  patchesByOrder: true,
  startsFullText: true,
}

/** A statement of a migration for this server. Its text in the ledger stays the same on both. */
export function fillIn(text: string, flavour: Flavour): string {
  return text.replaceAll('{{collation}}', flavour.collation).replaceAll('{{json}}', flavour.json)
}
