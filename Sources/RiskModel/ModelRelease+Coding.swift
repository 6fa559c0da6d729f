// SPDX-License-Identifier: Apache-2.0
public import Foundation

extension ModelRelease {
  /// The largest release document that is read, in bytes.
  public static let byteLimit = 1 << 20

  /// Reads and checks a release.
  ///
  /// - Parameter bytes: The JSON document as it was signed.
  /// - Returns: A release whose parts fit together and whose vectors the scorer reproduces.
  /// - Throws: `RiskModelError`.
  public static func decode(_ bytes: Data) throws(RiskModelError) -> ModelRelease {
    guard bytes.count <= byteLimit else {
      throw .releaseTooLarge(bytes: bytes.count, limit: byteLimit)
    }
    let release: ModelRelease
    do {
      release = try JSONDecoder().decode(ModelRelease.self, from: bytes)
    } catch {
      throw .malformedRelease(Self.place(of: error))
    }
    try release.checked().verifyVectors()
    return release
  }

  /// The JSON document with sorted keys; doubles as their shortest round-trip text.
  public func encoded() -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    // Encoding fails only for numbers that are not finite, which `checked()` has refused.
    return (try? encoder.encode(self)) ?? Data()
  }

  /// Recomputes every test vector.
  ///
  /// - Throws: `RiskModelError.vectorNotReproduced` for the first that differs by more than 1e-12.
  public func verifyVectors() throws(RiskModelError) {
    let scorer = try Scorer(self)
    guard !vectors.isEmpty else { throw .noTestVectors }
    for (index, vector) in vectors.enumerated() {
      guard let score = try? scorer.score(vector.inputs),
        abs(score.probability - vector.probability) <= 1e-12
      else { throw .vectorNotReproduced(index: index) }
    }
  }

  private static func place(of error: any Error) -> String {
    guard let error = error as? DecodingError else { return "document" }
    let context: DecodingError.Context
    switch error {
    case .keyNotFound(let key, let inner): return path(inner) + key.stringValue
    case .typeMismatch(_, let inner): context = inner
    case .valueNotFound(_, let inner): context = inner
    case .dataCorrupted(let inner): context = inner
    @unknown default: return "document"
    }
    let text = path(context)
    return text.isEmpty ? "document" : String(text.dropLast())
  }

  private static func path(_ context: DecodingError.Context) -> String {
    context.codingPath.map { $0.stringValue + "." }.joined()
  }
}
