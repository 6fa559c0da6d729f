// SPDX-License-Identifier: Apache-2.0

import Center
import Foundation
import Registry
import Replication
import SyncProtocol

@testable import SiteReplica

/// One centre and some sites under one seed, in one thread.
///
/// Everything that happens is drawn from the seed, so that a seed that fails fails again.
final class Simulation {
  static let start = 1_790_000_000
  static let keyFile = Data("0123456789abcdef0123456789abcdef".utf8)

  let seed: UInt64
  let settings: SimulationSettings
  let scratch: ScratchFolder
  let network: SimulatedNetwork
  let vault: Vault
  var generator: SeededGenerator
  var devices: [SimulatedDevice] = []
  var ledger = Ledger()
  var now = Simulation.start
  /// How often each place that a world is for was reached.
  private(set) var reached: [Landmark: Int] = [:]
  /// What happened, one line an event.
  private(set) var trace: [String] = []
  let patients: [PatientID]

  /// Sets up the centre, the sites and their devices.
  init(seed: UInt64, size: Int = 0, study: Study) async throws {
    self.seed = seed
    var generator = SeededGenerator(seed: seed)
    settings = SimulationSettings(size: size, using: &generator)
    scratch = try ScratchFolder()
    patients = (0..<2).map { _ in PatientID.random(using: &generator) }
    vault = try Vault.create(
      path: "\(scratch.path)/shared-vault.sqlite",
      secret: .keyFile(Self.keyFile),
      roles: study.profile.roles,
      using: &generator
    ).vault
    network = SimulatedNetwork(
      center: try SimulatedCenter(
        scratch: scratch,
        now: Self.start,
        study: study,
        using: &generator
      ),
      seed: seed ^ 0xA5A5
    )
    self.generator = generator
    for site in 0..<settings.sites {
      let count = site == 0 ? 3 : Int.random(in: 1...2, using: &self.generator)
      for device in 0..<count {
        try await addDevice("S\(site)", "S\(site)d\(device)", study)
      }
    }
    try await network.withCenter { try $0.backUp() }
    await network.setFaults(percent: settings.faultPercent)
  }

  func note(_ event: String) { trace.append(event) }
  func reach(_ landmark: Landmark) { reached[landmark, default: 0] += 1 }

  private func addDevice(_ site: String, _ name: String, _ study: Study) async throws {
    let actor = Actor(who: name, now: now)
    let store = try SiteStore.create(
      folder: "\(scratch.path)/\(name)-0",
      site: site,
      study: study,
      secret: .keyFile(Self.keyFile),
      actor: actor,
      using: &generator
    ).store
    let codeSeed = UInt64.random(in: .min ... .max, using: &generator)
    let now = now
    let code = try await network.withCenter { center in
      var generator = SeededGenerator(seed: codeSeed)
      return try center.center.addSite(site, name: site, now: now, using: &generator)
    }
    _ = try await store.enroll(
      server: "https://\(SimulatedCenter.authority)",
      authorityCertificate: nil,
      code: code,
      transport: network,
      actor: actor
    )
    devices.append(
      SimulatedDevice(name: name, site: site, scratch: scratch, study: study, store: store)
    )
  }

  /// Runs all steps, heals everything, and checks what must hold then.
  func run() async throws {
    for _ in 0..<settings.steps { try await step() }
    try await settle()
    try await checkEnd()
  }

  private func step() async throws {
    now += Int.random(in: 0...600, using: &generator)
    let time = now
    await network.withCenter { $0.now = time }
    // Much happens at the first site, so that its devices meet each other.
    let hot = devices.filter { $0.site == "S0" }
    let among = Int.random(in: 0..<100, using: &generator) < 75 ? hot : devices
    let device = among[Int.random(in: 0..<among.count, using: &generator)]
    switch Int.random(in: 0..<100, using: &generator) {
    case 0..<35: try save(device)
    case 35..<66: try await sync(device)
    case 66..<69: try crash(device)
    case 69..<73: try await crashDuringSync(device)
    case 73..<76: try saveOnFullDisk(device)
    case 76..<79: try await failCenter()
    case 79..<81: device.isOnline.toggle()
    case 81..<83: device.clockSkew = Int.random(in: -5000...5000, using: &generator)
    case 83..<86: await network.deliverDelayed()
    case 86..<91: try await backUp(device)
    default: try await rollBack(device)
    }
  }
}
