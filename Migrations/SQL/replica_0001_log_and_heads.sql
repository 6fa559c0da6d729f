-- The log of batches, the heads that it merges to, and their digest. Both ends use these tables.

-- A scope is a site: nothing in one scope refers to another.
CREATE TABLE log_scope (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  -- Of the log alone: what is pending keeps its own, so that a save rewrites none of this.
  lamport INTEGER NOT NULL DEFAULT 0,
  -- 256 buckets of 16 bytes, big-endian.
  digest BLOB NOT NULL CHECK (length(digest) = 4096)
) STRICT;

-- One row per author seen in a scope.
CREATE TABLE log_replica (
  id INTEGER PRIMARY KEY,
  scope INTEGER NOT NULL REFERENCES log_scope (id),
  replica BLOB NOT NULL CHECK (length(replica) = 16),
  -- Last sequence in the log, and the hash of the batch that ends there.
  logged INTEGER NOT NULL,
  chain BLOB NOT NULL CHECK (length(chain) = 32),
  -- How many patients the batches in the log introduced.
  introduced INTEGER NOT NULL DEFAULT 0,
  UNIQUE (scope, replica)
) STRICT;

-- One's own changesets that are applied to the heads and not sealed yet.
CREATE TABLE log_pending (
  -- The author's id in log_replica in the bits above the low forty, which hold the sequence: a save
  -- adds its row at the end of one tree, and needs no other for the key.
  id INTEGER PRIMARY KEY,
  lamport INTEGER NOT NULL,
  changeset BLOB NOT NULL,
  -- What the digest gains when this and those before it are in the log.
  digest BLOB NOT NULL
) STRICT;

-- The log; rising ids are the order of arrival, which is causal.
CREATE TABLE log_batch (
  id INTEGER PRIMARY KEY,
  replica INTEGER NOT NULL REFERENCES log_replica (id),
  first_sequence INTEGER NOT NULL,
  last_sequence INTEGER NOT NULL CHECK (last_sequence >= first_sequence),
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  size INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  UNIQUE (replica, first_sequence),
  UNIQUE (replica, last_sequence)
) STRICT;

-- Batches that wait for others, each with the first thing it needs: an author up to a sequence.
CREATE TABLE log_held (
  id INTEGER PRIMARY KEY,
  scope INTEGER NOT NULL REFERENCES log_scope (id),
  replica BLOB NOT NULL CHECK (length(replica) = 16),
  first_sequence INTEGER NOT NULL,
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  needed_replica BLOB NOT NULL CHECK (length(needed_replica) = 16),
  needed_last INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  UNIQUE (scope, replica, first_sequence, hash)
) STRICT;

CREATE INDEX log_held_needed ON log_held (scope, needed_replica, needed_last);

CREATE TABLE head_patient (
  id INTEGER PRIMARY KEY,
  scope INTEGER NOT NULL REFERENCES log_scope (id),
  patient BLOB NOT NULL CHECK (length(patient) = 16),
  UNIQUE (scope, patient)
) STRICT;

-- The patients that an author's batches introduced, numbered from 0 along its chain: later batches
-- name them by number.
CREATE TABLE log_introduced (
  replica INTEGER NOT NULL,
  number INTEGER NOT NULL,
  patient INTEGER NOT NULL REFERENCES head_patient (id),
  PRIMARY KEY (replica, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX log_introduced_patient ON log_introduced (patient);

-- The heads of one row of values, packed.
CREATE TABLE head_row (
  patient INTEGER NOT NULL REFERENCES head_patient (id),
  event TEXT NOT NULL,
  reader TEXT NOT NULL,
  has_conflict INTEGER NOT NULL CHECK (has_conflict IN (0, 1)),
  heads BLOB NOT NULL,
  PRIMARY KEY (patient, event, reader)
) STRICT, WITHOUT ROWID;

CREATE INDEX head_row_conflict ON head_row (patient) WHERE has_conflict = 1;
