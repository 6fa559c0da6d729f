// SPDX-License-Identifier: Apache-2.0

import Center
import Foundation
import SiteReplica
import SyncProtocol
import TestSupport

extension Simulation {
  /// A device writes a bundle, the centre reads one and answers, or a device reads an answer; files
  /// may be late, cut, changed, or read twice.
  func carryBundle(_ device: SimulatedDevice) async throws {
    if Int.random(in: 0..<3, using: &generator) > 0 || letters.isEmpty {
      letters.append((device.site, try device.store.makeBundle(actor: actor(device)).bytes))
      bundleWriters.insert(device.name)
      note("\(device.name) writes a bundle")
    }
    if Int.random(in: 0..<4, using: &generator) > 0 { try await readLetter() }
    let readers = devices.filter { $0.site == device.site && !$0.isRevoked }
    if Int.random(in: 0..<4, using: &generator) > 0, !readers.isEmpty {
      try readAnswer(at: draw(readers))
    }
  }

  private func readLetter() async throws {
    guard !letters.isEmpty else { return }
    let index = Int.random(in: 0..<letters.count, using: &generator)
    let letter = letters[index]
    if Bool.random(using: &generator) { letters.remove(at: index) }
    let (bytes, isDamaged) = damaged(letter.bytes)
    do {
      let site = letter.site
      let (intake, answer) = try await network.withCenter { center in
        try center.exchange(bundle: bytes, site: site)
      }
      answers.append((site, answer))
      note(
        "the centre reads a bundle of \(site): \(intake.acceptedChangesets) accepted, "
          + "\(intake.refused.map(\.reason))"
      )
      reach(.bundleRead)
    } catch CenterError.unknownSite {
      try require(isDamaged, "centre", "a bundle of a site was refused")
    } catch CenterError.bundle {
      try require(isDamaged, "centre", "a whole bundle was refused")
    } catch CenterError.revokedSite {
      note("the centre refuses a bundle")
    } catch CenterError.storage {
      note("the centre cannot read a bundle now")
    }
  }

  private func readAnswer(at device: SimulatedDevice) throws {
    let choices = answers.filter { $0.site == device.site }
    guard !choices.isEmpty else { return }
    let (bytes, isDamaged) = damaged(draw(choices).bytes)
    let before = try device.changes(reader).tokens
    let model = try device.modelVersion()
    var report: BundleReport?
    do throws(SiteReplicaError) {
      report = try device.store.readBundle(bytes, actor: actor(device), using: &generator)
    } catch {
      guard case .bundleRefused = error, isDamaged else {
        throw SimulationFailure.broken(device.name, "an answer was refused: \(error)")
      }
    }
    if let report { try check(report, of: device, isDamaged: isDamaged) }
    try require(try device.modelVersion() >= model, device.name, "an older model came back")
    let after = try device.changes(reader).tokens
    try require(after.isSuperset(of: reader.lasting(before)), device.name, "a bundle lost a change")
    try checkHeads(device)
  }

  private func check(
    _ report: BundleReport,
    of device: SimulatedDevice,
    isDamaged: Bool
  ) throws {
    note("\(device.name) reads an answer: \(report.pulledChangesets) down")
    reach(.answerRead)
    if report.hasForked {
      note("\(device.name) takes a new id")
      reach(.forked)
    }
    try require(
      !report.hasForked || settings.mayFork || settings.rollback != .none,
      device.name,
      "a device that was not put back took a new id"
    )
    try require(
      isDamaged || report.refused.isEmpty || !isAnswered(device),
      device.name,
      "batches of an answer were refused: \(report.refused.map(\.reason))"
    )
    try require(report.isDigestEqual != false, device.name, "equal vectors, other digest")
    if let refusal = report.modelRefusal, !isDamaged {
      try require(isOfTime(refusal), device.name, "a model in an answer was refused: \(refusal)")
    }
  }

  /// Whether an answer has all that the device lacks: it was told what the device had, and the
  /// device has not been put back since.
  private func isAnswered(_ device: SimulatedDevice) -> Bool {
    settings.rollback == .none && bundleWriters.contains(device.name)
  }

  /// The file as it arrives.
  private func damaged(_ bytes: Data) -> (Data, Bool) {
    var bytes = bytes
    switch Int.random(in: 0..<6, using: &generator) {
    case 0: bytes = Data(bytes.prefix(Int.random(in: 0..<bytes.count, using: &generator)))
    case 1:
      let index = Int.random(in: 0..<bytes.count, using: &generator)
      bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
    default: return (bytes, false)
    }
    reach(.bundleDamaged)
    return (bytes, true)
  }
}
