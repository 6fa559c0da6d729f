// SPDX-License-Identifier: Apache-2.0

public import Center
public import Crypto
public import Foundation
import PooledAnalysis
import SyncProtocol

/// An analysis plan as holders of model keys signed it: a DSSE envelope.
///
/// A cut names the plan that was in force when it was frozen, so a plan that signs the cut's
/// analysis was signed before the cut.
public enum SignedPlan {
  /// The payload type of the envelope.
  public static let payloadType = "application/vnd.lobule.analysis-plan+json"

  /// Signs the bytes of a plan after checking them.
  ///
  /// - Parameters:
  ///   - plan: The plan, as JSON; or an envelope of one, to which signatures are added.
  ///   - keys: Model keys.
  /// - Returns: The bytes of the envelope.
  /// - Throws: `CenterServiceError.analysis` when it is no plan, `.modelChannel` when a key fails.
  public static func sign(
    _ plan: Data,
    by keys: [Curve25519.Signing.PrivateKey]
  ) throws(CenterServiceError) -> Data {
    var envelope = envelope(plan) ?? Envelope(payloadType: payloadType, payload: plan)
    _ = try CenterAnalysis.plan(envelope.payload)
    do {
      for key in keys { try envelope.sign(by: key) }
    } catch { throw .modelChannel("plan: \(error)") }
    return envelope.encoded()
  }

  /// The plan of an envelope that enough model keys have signed.
  ///
  /// - Throws: `CenterServiceError.planUnsigned` when it is none, or too few have.
  public static func open(
    _ bytes: Data,
    center: Center
  ) throws(CenterServiceError) -> Data {
    guard let envelope = envelope(bytes) else { throw .planUnsigned }
    do {
      guard try center.isSignedByModelKeys(envelope) else { throw CenterServiceError.planUnsigned }
    } catch let error as CenterServiceError {
      throw error
    } catch { throw .modelChannel("\(error)") }
    return envelope.payload
  }

  private static func envelope(_ bytes: Data) -> Envelope? {
    guard let envelope = try? Envelope.decode(bytes), envelope.payloadType == payloadType else {
      return nil
    }
    return envelope
  }
}
