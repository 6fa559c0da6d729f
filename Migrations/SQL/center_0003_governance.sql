-- SPDX-License-Identifier: Apache-2.0
-- What a cut or a candidate was made from, so that it can be made again; what was published of a
-- cut; and what is known of each device.

-- Canonical JSON by the name of a cut or a candidate. Never changed.
CREATE TABLE analysis_origins (
  kind TEXT NOT NULL CHECK (kind IN ('cut', 'candidate')),
  id TEXT NOT NULL,
  content TEXT NOT NULL,
  PRIMARY KEY (kind, id)
) STRICT, WITHOUT ROWID;

-- Tables as they left the centre: later ones are held against them.
CREATE TABLE table_publications (
  id INTEGER PRIMARY KEY,
  cut TEXT NOT NULL REFERENCES data_cuts (id),
  published_at INTEGER NOT NULL,
  content BLOB NOT NULL
) STRICT;

-- The release that the device last said it uses.
ALTER TABLE devices ADD COLUMN model_version INTEGER;
-- The key that took this one's place; such a key is revoked.
ALTER TABLE devices ADD COLUMN successor TEXT REFERENCES devices (key_id);
