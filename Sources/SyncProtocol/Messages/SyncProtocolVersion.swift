// SPDX-License-Identifier: Apache-2.0

/// The version of everything that this program writes to the wire.
public enum SyncProtocolVersion {
  /// The wire version.
  public static let number: UInt32 = StrictMessage.wireVersion
}
