/** "AUSC", at byte 68 of the file: how a database of Auscult is told from one of another program. */
export const APPLICATION_ID = 0x41555343

// The same as `kindOf` and `timeOf`, for events of earlier versions.
const KIND = "substr(type, 1, instr(type || '.', '.') - 1)"
const TIME = `json_extract(json, CASE WHEN type = 'episode.opened' THEN '$.episode.opened_at'
  WHEN type LIKE 'episode.%' THEN '$.episode.last_at' ELSE '$.time' END)`

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
  /*
   * Entries are what events are searched by, in narrow rows; zones say from when to when the events of 1,024 numbers are, so that what is
   * long ago is found at once. Columns that are computed do not cover a query: those of episodes are written now.
   */
  `CREATE TABLE entries (
     seq INTEGER PRIMARY KEY, kind TEXT NOT NULL, source TEXT NOT NULL, time REAL NOT NULL, score REAL, cluster INTEGER
   ) STRICT;
   INSERT INTO entries SELECT seq, ${KIND}, source, coalesce(${TIME}, stored_at), json_extract(json, '$.episode.peak_score'),
     coalesce(json_extract(json, '$.episode.cluster.id'), json_extract(json, '$.cluster')) FROM events ORDER BY seq;
   CREATE INDEX entries_by_kind ON entries (kind);
   CREATE INDEX entries_by_source ON entries (source);
   CREATE INDEX entries_by_cluster ON entries (cluster) WHERE cluster IS NOT NULL;
   DROP INDEX events_by_source;
   CREATE TABLE zones (block INTEGER PRIMARY KEY, low REAL NOT NULL, high REAL NOT NULL, score REAL) STRICT;
   INSERT INTO zones SELECT block, min(low), max(high), max(score) FROM (
     SELECT seq >> 10 AS block, time AS low, time AS high, score FROM entries
     UNION ALL SELECT opened_seq >> 10, opened_at, opened_at, NULL FROM episodes) GROUP BY block;
   ALTER TABLE episodes RENAME TO old_episodes;
   CREATE TABLE episodes (
     id TEXT PRIMARY KEY,
     opened_seq INTEGER NOT NULL,
     last_seq INTEGER NOT NULL,
     source TEXT NOT NULL,
     state TEXT NOT NULL,
     opened_at REAL NOT NULL,
     peak_score REAL NOT NULL,
     cluster INTEGER,
     muted INTEGER NOT NULL,
     acknowledged INTEGER NOT NULL,
     json TEXT NOT NULL
   ) STRICT;
   INSERT INTO episodes SELECT id, opened_seq, last_seq, source, state, opened_at, peak_score, cluster, muted, acknowledged, json
     FROM old_episodes;
   DROP TABLE old_episodes;
   CREATE INDEX episodes_in_short ON episodes
     (opened_seq, opened_at, peak_score, source, state, cluster, muted, acknowledged);
   CREATE INDEX episodes_by_source ON episodes (source, opened_seq);
   CREATE INDEX episodes_by_cluster ON episodes (cluster, opened_seq) WHERE cluster IS NOT NULL;
   CREATE INDEX episodes_open ON episodes (opened_seq) WHERE state = 'open';
   CREATE INDEX episodes_by_last ON episodes (last_seq);
   ALTER TABLE audit ADD COLUMN time REAL;
   ALTER TABLE audit ADD COLUMN action TEXT;
   ALTER TABLE audit ADD COLUMN source TEXT;
   UPDATE audit SET time = json_extract(json, '$.time'), action = json_extract(json, '$.action'), source = json_extract(json, '$.source');
   CREATE INDEX audit_in_short ON audit (seq, time, action, source);`,
]
