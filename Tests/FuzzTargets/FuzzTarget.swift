// SPDX-License-Identifier: Apache-2.0

public import Foundation

/// A parser that reads bytes of strangers.
///
/// Whatever the bytes, it gives back a value or a named error: no trap, no endless loop. What it
/// does read comes out the same when written and read again.
public enum FuzzTarget: String, CaseIterable, Sendable {
  case audit, batch, bundle, changeset, csv, dictionary, enrolment, envelope, model, plan, pooled
  case reply, request, signature

  /// Gives bytes to the parser.
  ///
  /// - Throws: `FuzzFinding` when a value changes on its way through bytes; an error of the parser
  ///   is its proper answer and not thrown.
  public func run(_ bytes: Data) throws(FuzzFinding) {
    switch self {
    case .audit: try Self.audit(bytes)
    case .batch: Self.batch(bytes)
    case .bundle: Self.bundle(bytes)
    case .changeset: try Self.changeset(bytes)
    case .csv: Self.csv(bytes)
    case .dictionary: Self.dictionary(bytes)
    case .enrolment: try Self.enrolment(bytes)
    case .envelope: try Self.envelope(bytes)
    case .model: try Self.model(bytes)
    case .plan: Self.plan(bytes)
    case .pooled: Self.pooled(bytes)
    case .reply: try Self.reply(bytes)
    case .request: try Self.request(bytes)
    case .signature: Self.signature(bytes)
    }
  }
}

/// A value that came out otherwise when it was written and read again.
public enum FuzzFinding: Error, Equatable {
  /// The target whose value changed.
  case changed(FuzzTarget)
}
