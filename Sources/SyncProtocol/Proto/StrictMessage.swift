// SPDX-License-Identifier: Apache-2.0
import Foundation
import SwiftProtobuf

/// Reading and writing of the schema's messages in their one encoding.
enum StrictMessage {
  /// The wire version of everything that this program writes.
  static let wireVersion: UInt32 = 1
  /// The wire version of a batch of which something was taken out by law.
  static let redactedVersion: UInt32 = 2

  /// Writes a message.
  static func encode(_ message: some SwiftProtobuf.Message) -> Data {
    var options = BinaryEncodingOptions()
    options.useDeterministicOrdering = true
    do {
      return try message.serializedBytes(options: options)
    } catch {
      // Proto3 messages without required fields and below 2 GiB cannot fail to serialise.
      preconditionFailure("a message could not be serialised")
    }
  }

  /// Reads a message and makes sure that the bytes are its one encoding.
  ///
  /// What the schema does not know, repeats or writes at needless length would come back
  /// differently, so comparing the bytes refuses all of it.
  static func decode<Message: SwiftProtobuf.Message>(
    _ type: Message.Type,
    from bytes: Data,
    limit: Int
  ) throws(SyncProtocolError) -> Message {
    guard bytes.count <= limit else { throw .form(.tooLarge) }
    var options = BinaryDecodingOptions()
    options.messageDepthLimit = 8
    options.discardUnknownFields = true
    let message: Message
    do {
      message = try Message(serializedBytes: bytes, options: options)
    } catch {
      throw .form(.notCanonical)
    }
    guard encode(message) == bytes else { throw .form(.notCanonical) }
    return message
  }

  /// Reads a message that a later version may have added fields to.
  ///
  /// What is known is read as strictly as by `decode`; fields that are not known stay in the
  /// message's `unknownFields`, for the caller to ignore or to wait for.
  static func decodeOpen<Message: SwiftProtobuf.Message>(
    _ type: Message.Type,
    from bytes: Data,
    limit: Int
  ) throws(SyncProtocolError) -> Message {
    guard bytes.count <= limit else { throw .form(.tooLarge) }
    var options = BinaryDecodingOptions()
    options.messageDepthLimit = 8
    guard let message = try? Message(serializedBytes: bytes, options: options),
      encode(message) == bytes
    else { throw .form(.notCanonical) }
    return message
  }

  /// Throws unless this is the known wire version.
  static func check(version: UInt32) throws(SyncProtocolError) {
    guard version == wireVersion else { throw .unknownWireVersion(version) }
  }

  /// Throws when bytes begin with the number of a later wire version.
  ///
  /// Nothing else of such bytes can be relied on, so this comes before they are read.
  static func checkVersion(
    of bytes: Data,
    upTo greatest: UInt32 = wireVersion
  ) throws(SyncProtocolError) {
    guard bytes.first == 0x08 else { return }
    var version: UInt64 = 0
    for (index, byte) in bytes.dropFirst().prefix(5).enumerated() {
      version |= UInt64(byte & 0x7F) << UInt64(7 * index)
      guard byte & 0x80 == 0 else { continue }
      guard version <= UInt64(greatest) else {
        throw .unknownWireVersion(UInt32(clamping: version))
      }
      return
    }
  }
}
