// SPDX-License-Identifier: Apache-2.0
import Foundation
import SwiftProtobuf

/// Reading and writing of the schema's messages in their one encoding.
enum StrictMessage {
  /// The wire version of everything that this program writes.
  static let wireVersion: UInt32 = 1

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

  /// Throws unless this is the known wire version.
  static func check(version: UInt32) throws(SyncProtocolError) {
    guard version == wireVersion else { throw .unknownWireVersion(version) }
  }
}
