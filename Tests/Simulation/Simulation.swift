// SPDX-License-Identifier: Apache-2.0

import Center
import Foundation
import Registry
import Replication
import SiteReplica
import SyncProtocol
import TestSupport

/// One centre and some sites under one seed, in one thread.
///
/// Everything that happens is drawn from the seed, so that a seed that fails fails again.
package final class Simulation {
  static let start = 1_790_000_000
  static let keyFile = Data("0123456789abcdef0123456789abcdef".utf8)

  let seed: UInt64
  let settings: SimulationSettings
  let studies: Studies
  let scratch: ScratchFolder
  let network: SimulatedNetwork
  let vault: Vault
  let reader = ChangeReader()
  var generator: SeededGenerator
  var devices: [SimulatedDevice] = []
  var sites: [String] { Set(devices.map(\.site)).sorted() }
  var ledger = Ledger()
  /// Bundles on their way, each with the site that it is of or for.
  var letters: [(site: String, bytes: Data)] = []
  var answers: [(site: String, bytes: Data)] = []
  /// Devices that told the centre by a bundle what they had, or will have.
  var bundleWriters: Set<String> = []
  var now = Simulation.start
  /// The newest model that was released, also by a centre that was put back since.
  var released: UInt64 = 1
  /// How often each place that a world is for was reached.
  package private(set) var reached: [Landmark: Int] = [:]
  /// What happened, one line an event.
  package private(set) var trace: [String] = []

  /// Sets up the centre, the sites and their devices.
  package init(seed: UInt64, size: Int = 0, studies: Studies) async throws {
    self.seed = seed
    self.studies = studies
    var generator = SeededGenerator(seed: seed)
    settings = SimulationSettings(seed: seed, size: size, using: &generator)
    scratch = try ScratchFolder()
    vault = try Vault.create(
      path: "\(scratch.path)/shared-vault.sqlite",
      secret: .keyFile(Self.keyFile),
      roles: studies.current.profile.roles,
      using: &generator
    ).vault
    network = SimulatedNetwork(
      center: try SimulatedCenter(
        scratch: scratch,
        now: Self.start,
        study: studies.current,
        using: &generator
      ),
      seed: seed ^ 0xA5A5
    )
    self.generator = generator
    for site in 0..<settings.sites {
      let count = site == 0 ? 3 : Int.random(in: 1...3, using: &self.generator)
      for device in 0..<count { try await addDevice("S\(site)", "S\(site)d\(device)") }
    }
    try register()
    try await network.withCenter { try $0.backUp() }
    await network.setFaults(percent: settings.faultPercent)
  }

  func note(_ event: String) { trace.append(event) }
  func reach(_ landmark: Landmark) { reached[landmark, default: 0] += 1 }

  private func addDevice(_ site: String, _ name: String) async throws {
    let actor = Actor(who: name, now: now)
    let store = try SiteStore.create(
      folder: "\(scratch.path)/\(name)-0",
      site: site,
      study: studies.current,
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
      SimulatedDevice(
        name: name,
        site: site,
        scratch: scratch,
        study: studies.current,
        store: store
      )
    )
  }

  /// Runs all steps, heals everything, and checks what must hold then.
  package func run() async throws {
    for _ in 0..<settings.steps { try await step() }
    try await settle()
    try await checkEnd()
    let crashes = await network.centerCrashes
    if crashes > 0 { reach(.centerCrashed) }
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
    case 89..<93 where settings.erases && ledger.erased.isEmpty: try await erase(device)
    case 0..<30: try change(device)
    case 30..<56: try await sync(device)
    case 56..<59: try crash(device)
    case 59..<62: try crashDuringSave(device)
    case 62..<66: try await crashDuringSync(device)
    case 66..<69: try saveOnFullDisk(device)
    case 69..<71: try await failCenter()
    case 71..<73: device.isOnline.toggle()
    case 73..<75: try await stepClock(device)
    case 75..<77: try await deliverDelayed()
    case 77..<80: try await saveDuringSync(device)
    case 80..<83: try await saveAfterSync(device)
    case 83..<88: try await carryBundle(device)
    case 88..<92: try await backUp(device)
    case 92..<94: try await breakSomething(device)
    default: try await rollBack(device)
    }
  }
}
