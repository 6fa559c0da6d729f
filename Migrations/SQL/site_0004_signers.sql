-- SPDX-License-Identifier: Apache-2.0
-- Who signed a release, as the root document named them when it was activated: a JSON array of
-- objects with key_id and, where it has one, name. Null for releases activated before.

ALTER TABLE site_model ADD COLUMN signers TEXT;
