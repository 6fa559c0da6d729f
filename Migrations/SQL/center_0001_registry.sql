-- SPDX-License-Identifier: Apache-2.0
-- The coordinating centre's own tables. Times are seconds since 1970, UTC. The log and the heads
-- of every site are in the tables of replica_0001, with the site as scope.

CREATE TABLE center_settings (
  name TEXT PRIMARY KEY,
  value BLOB NOT NULL
) STRICT;

CREATE TABLE sites (
  code TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'revoked')),
  added_at INTEGER NOT NULL,
  revoked_at INTEGER
) STRICT;

CREATE TABLE devices (
  key_id TEXT PRIMARY KEY,
  site TEXT REFERENCES sites (code),
  public_key BLOB NOT NULL UNIQUE CHECK (length(public_key) = 32),
  role TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('active', 'revoked')),
  enrolled_at INTEGER NOT NULL,
  revoked_at INTEGER,
  last_seen_at INTEGER
) STRICT;

CREATE INDEX devices_by_site ON devices (site);

-- A code itself is never stored: only the key derived from it.
CREATE TABLE enrolment_codes (
  id INTEGER PRIMARY KEY,
  site TEXT NOT NULL REFERENCES sites (code),
  derived_key BLOB NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  used_at INTEGER,
  used_by TEXT REFERENCES devices (key_id),
  CHECK ((used_at IS NULL) = (used_by IS NULL))
) STRICT;

CREATE INDEX enrolment_codes_by_site ON enrolment_codes (site);

CREATE TABLE replica_bindings (
  replica BLOB PRIMARY KEY CHECK (length(replica) = 16),
  site TEXT NOT NULL REFERENCES sites (code),
  key_id TEXT NOT NULL REFERENCES devices (key_id),
  bound_at INTEGER NOT NULL,
  -- The last sequence admitted before the key was revoked; null while the key is good.
  last_admitted INTEGER
) STRICT;

CREATE TABLE request_nonces (
  key_id TEXT NOT NULL,
  nonce TEXT NOT NULL,
  drop_after INTEGER NOT NULL,
  PRIMARY KEY (key_id, nonce)
) STRICT, WITHOUT ROWID;

CREATE INDEX request_nonces_by_time ON request_nonces (drop_after);

CREATE TABLE receipts (
  id INTEGER PRIMARY KEY,
  site TEXT NOT NULL,
  key_id TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  sent_batches INTEGER NOT NULL,
  sent_changesets INTEGER NOT NULL,
  accepted_batches INTEGER NOT NULL,
  accepted_changesets INTEGER NOT NULL,
  refused_batches INTEGER NOT NULL,
  refused_changesets INTEGER NOT NULL,
  bytes INTEGER NOT NULL
) STRICT;

CREATE INDEX receipts_by_site ON receipts (site, received_at);

CREATE TABLE refused_batches (
  id INTEGER PRIMARY KEY,
  receipt INTEGER NOT NULL REFERENCES receipts (id),
  replica BLOB,
  first_sequence INTEGER NOT NULL,
  changesets INTEGER NOT NULL,
  reason TEXT NOT NULL
) STRICT;

CREATE TABLE analysis_plans (
  id INTEGER PRIMARY KEY,
  sha256 BLOB NOT NULL UNIQUE,
  content BLOB NOT NULL,
  added_at INTEGER NOT NULL
) STRICT;

CREATE TABLE data_cuts (
  id TEXT PRIMARY KEY,
  made_at INTEGER NOT NULL,
  patients INTEGER NOT NULL,
  sites INTEGER NOT NULL,
  sha256 BLOB NOT NULL,
  plan_sha256 BLOB NOT NULL,
  content BLOB NOT NULL
) STRICT;

CREATE TABLE model_candidates (
  id TEXT PRIMARY KEY,
  cut TEXT REFERENCES data_cuts (id),
  model_id TEXT NOT NULL,
  version INTEGER NOT NULL,
  passed_gate INTEGER NOT NULL CHECK (passed_gate IN (0, 1)),
  made_at INTEGER NOT NULL,
  report BLOB NOT NULL,
  envelope BLOB NOT NULL,
  override_reason TEXT,
  released_at INTEGER
) STRICT;

-- Documents of the model channel as they were published: signed envelopes, never changed.
CREATE TABLE channel_documents (
  kind TEXT NOT NULL CHECK (kind IN ('root', 'timestamp', 'model')),
  version INTEGER NOT NULL,
  envelope BLOB NOT NULL,
  expires_at INTEGER,
  published_at INTEGER NOT NULL,
  PRIMARY KEY (kind, version)
) STRICT;

CREATE TABLE audit_entries (
  sequence INTEGER PRIMARY KEY,
  canonical TEXT NOT NULL
) STRICT;

-- The hash tree over the entries: the hash of each complete subtree, level 0 being the leaves.
CREATE TABLE audit_nodes (
  level INTEGER NOT NULL,
  position INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (level, position)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER audit_entries_keep_update BEFORE UPDATE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END;

CREATE TRIGGER audit_entries_keep_delete BEFORE DELETE ON audit_entries
BEGIN SELECT RAISE(ABORT, 'audit entries are never removed'); END;
