-- What a site's store holds beside the log and its heads. No identity stands here.

-- Facts about this store, by name; see SiteReplica/Store/MetaKey.swift.
CREATE TABLE site_meta (
  name TEXT NOT NULL PRIMARY KEY,
  value BLOB NOT NULL
) STRICT, WITHOUT ROWID;

-- Who changed what, when and why, chained by hash. `at` is UTC in Unix seconds; `who` is the local
-- user. Neither leaves the site. Identity values stay in the vault: only the field is named here.
CREATE TABLE site_audit (
  number INTEGER NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL,
  who TEXT NOT NULL,
  action TEXT NOT NULL,
  patient BLOB,
  sequence INTEGER,
  replica BLOB,
  details TEXT NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
-- Every sixteenth changeset: the others are a few entries after one of these, and most saves leave
-- the index alone.
CREATE INDEX site_audit_by_sequence ON site_audit (replica, sequence) WHERE sequence % 16 = 1;

-- When another device's changes arrived here, to say where a conflicting value comes from.
CREATE TABLE site_arrival (
  replica BLOB NOT NULL,
  last_sequence INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (replica, last_sequence)
) STRICT, WITHOUT ROWID;

-- Model releases that passed every check, as they were signed.
CREATE TABLE site_model (
  version INTEGER NOT NULL PRIMARY KEY,
  release BLOB NOT NULL,
  activated_at INTEGER NOT NULL
) STRICT;

-- The key that a replica's first batch bound to its id.
CREATE TABLE site_replica_key (
  replica BLOB NOT NULL PRIMARY KEY CHECK (length(replica) = 16),
  public_key BLOB NOT NULL CHECK (length(public_key) = 32)
) STRICT, WITHOUT ROWID;

-- Says that the store's part of a correction staged in the vault is committed.
CREATE TABLE site_identity_token (
  token BLOB NOT NULL PRIMARY KEY CHECK (length(token) = 16)
) STRICT, WITHOUT ROWID;

-- Checkpoints of the centre's audit log as it signed them, in the order in which they came. One
-- that does not continue the log seen before is evidence.
CREATE TABLE site_witness (
  number INTEGER NOT NULL PRIMARY KEY,
  at INTEGER NOT NULL,
  is_continuation INTEGER NOT NULL CHECK (is_continuation IN (0, 1)),
  note TEXT NOT NULL UNIQUE
) STRICT;
