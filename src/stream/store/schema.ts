/** "AUSC", at byte 68 of the file: how a database of Auscult is told from one of another program. */
export const APPLICATION_ID = 0x41555343

/**
 * What brings a database from version `i` to `i + 1`; its version is in `user_version`. AUTOINCREMENT is what keeps a number from being
 * given twice, also after the row is gone. An episode is kept in its latest state; `opened_seq` is the number of the event that opened it.
 */
export const MIGRATIONS: readonly string[] = [
  `CREATE TABLE meta (id TEXT NOT NULL) STRICT;
   INSERT INTO meta VALUES (lower(hex(randomblob(8))));
   CREATE TABLE events (
     seq INTEGER PRIMARY KEY AUTOINCREMENT,
     event_id TEXT NOT NULL,
     type TEXT NOT NULL,
     source TEXT NOT NULL,
     stored_at INTEGER NOT NULL,
     json TEXT NOT NULL
   ) STRICT;
   CREATE INDEX events_by_source ON events (source);
   INSERT INTO sqlite_sequence VALUES ('events', 0);
   CREATE TABLE episodes (
     id TEXT PRIMARY KEY,
     opened_seq INTEGER NOT NULL,
     last_seq INTEGER NOT NULL,
     source TEXT NOT NULL,
     state TEXT NOT NULL,
     json TEXT NOT NULL
   ) STRICT;
   CREATE INDEX episodes_by_opening ON episodes (opened_seq);
   CREATE INDEX episodes_by_source ON episodes (source, opened_seq);
   CREATE INDEX episodes_open ON episodes (opened_seq) WHERE state = 'open';
   CREATE INDEX episodes_by_last ON episodes (last_seq);
   CREATE TABLE cursors (name TEXT PRIMARY KEY, seq INTEGER NOT NULL) STRICT;
   CREATE TABLE state (key TEXT PRIMARY KEY, json TEXT NOT NULL) STRICT;`,
  // What episodes are asked for by is computed from their JSON, so that it cannot differ from it. Decisions outlive retention.
  `ALTER TABLE episodes ADD COLUMN opened_at REAL AS (json_extract(json, '$.opened_at')) VIRTUAL;
   ALTER TABLE episodes ADD COLUMN peak_score REAL AS (json_extract(json, '$.peak_score')) VIRTUAL;
   ALTER TABLE episodes ADD COLUMN cluster INTEGER AS (json_extract(json, '$.cluster.id')) VIRTUAL;
   ALTER TABLE episodes ADD COLUMN muted INTEGER AS (json_extract(json, '$.muted') IS NOT NULL) VIRTUAL;
   ALTER TABLE episodes ADD COLUMN acknowledged INTEGER AS (json_extract(json, '$.acknowledged') IS NOT NULL) VIRTUAL;
   CREATE INDEX episodes_by_cluster ON episodes (cluster, opened_seq) WHERE cluster IS NOT NULL;
   CREATE INDEX episodes_by_attention ON episodes (muted, acknowledged, opened_seq);
   CREATE INDEX episodes_by_time ON episodes (opened_at);
   CREATE TABLE audit (seq INTEGER PRIMARY KEY, stored_at INTEGER NOT NULL, json TEXT NOT NULL) STRICT;`,
]
