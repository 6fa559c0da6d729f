// SPDX-License-Identifier: Apache-2.0

import Center
import Crypto
import Dispatch
import Foundation
import SyncProtocol
import Synchronization
import TestSupport
import Testing

@Suite struct EnrolmentTests {
  @Test func `a code enrols a device under its site's name`() throws {
    let centre = try TestCenter()
    let device = TestDevice(site: "HILL", study: centre.study)
    let reply = try centre.enrol(device, code: centre.code(for: "HILL"))
    #expect(reply.keyID == "HILL/1")
  }

  @Test func `the reply is vouched for by the code`() throws {
    let centre = try TestCenter()
    let device = TestDevice(site: "HILL", study: centre.study)
    let code = try centre.code(for: "HILL")
    let reply = try centre.enrol(device, code: code)
    try Enrollment.verify(reply, publicKey: device.key.publicKey.rawRepresentation, code: code)
  }

  @Test func `the code itself is not in the store`() throws {
    let centre = try TestCenter()
    let code = try centre.code(for: "HILL").formatted
    for file in try FileManager.default.contentsOfDirectory(atPath: centre.folder.path) {
      let bytes = try Data(contentsOf: centre.folder.appending(path: file))
      #expect(bytes.firstRange(of: Data(code.utf8)) == nil)
      let bare = code.replacing("-", with: "")
      #expect(bytes.firstRange(of: Data(bare.utf8)) == nil)
    }
  }

  @Test func `a code enrols one device only`() throws {
    let centre = try TestCenter()
    let code = try centre.code(for: "HILL")
    try centre.enrol(TestDevice(site: "HILL", study: centre.study), code: code)
    #expect(throws: CenterError.enrolment(.usedCode)) {
      try centre.enrol(TestDevice(site: "HILL", study: centre.study), code: code)
    }
  }

  @Test func `a device whose answer was lost gets the same key again`() throws {
    let centre = try TestCenter()
    let code = try centre.code(for: "HILL")
    let device = TestDevice(site: "HILL", study: centre.study)
    let first = try centre.enrol(device, code: code)
    #expect(try centre.enrol(device, code: code) == first)
  }

  @Test func `a hundred devices with one code at once make one key`() throws {
    let centre = try TestCenter()
    let code = try centre.code(for: "HILL")
    let center = centre.center
    let requests = (0..<100).map { _ in
      Enrollment.request(
        site: "HILL",
        publicKey: TestDevice(site: "HILL", study: centre.study).key.publicKey.rawRepresentation,
        code: code
      )
    }
    let enrolled = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: requests.count) { index in
      let reply = try? center.enrol(requests[index], authority: "a", now: TestCenter.now)
      if reply != nil { enrolled.withLock { $0 += 1 } }
    }
    #expect(enrolled.withLock { $0 } == 1)
    #expect(try centre.center.siteSummaries().map(\.devices) == [1])
  }

  @Test func `another site's code is wrong`() throws {
    let centre = try TestCenter()
    _ = try centre.code(for: "HILL")
    let code = try centre.code(for: "COAST")
    #expect(throws: CenterError.enrolment(.wrongCode)) {
      try centre.enrol(TestDevice(site: "HILL", study: centre.study), code: code)
    }
  }

  @Test func `an unknown site looks like a wrong code`() throws {
    let centre = try TestCenter()
    let code = try centre.code(for: "HILL")
    #expect(throws: CenterError.enrolment(.wrongCode)) {
      try centre.enrol(TestDevice(site: "NOWHERE", study: centre.study), code: code)
    }
  }

  @Test(arguments: [(0, true), (72 * 3600, true), (72 * 3600 + 1, false)])
  func `a code is good for 72 hours`(age: Int, isGood: Bool) throws {
    let centre = try TestCenter()
    let code = try centre.code(for: "HILL")
    let device = TestDevice(site: "HILL", study: centre.study)
    let reply = try? centre.enrol(device, code: code, now: TestCenter.now + age)
    #expect((reply != nil) == isGood)
  }

  @Test func `a revoked site enrols nobody`() throws {
    let centre = try TestCenter()
    let code = try centre.code(for: "HILL")
    try centre.center.revokeSite("HILL", now: TestCenter.now)
    #expect(throws: CenterError.enrolment(.revokedSite)) {
      try centre.enrol(TestDevice(site: "HILL", study: centre.study), code: code)
    }
  }

  @Test func `a second code enrols a second device`() throws {
    let centre = try TestCenter()
    #expect(try centre.device(of: "HILL").keyID == "HILL/1")
    #expect(try centre.device(of: "HILL").keyID == "HILL/2")
  }

  @Test(arguments: ["", "1HILL", "HILL/1", "../x", "HÍLL", String(repeating: "A", count: 33)])
  func `a site code that could not stand in a path is refused`(code: String) throws {
    let centre = try TestCenter()
    #expect(throws: CenterError.malformedSiteCode(code)) { try centre.code(for: code) }
  }

  @Test func `adding a site touches no row of another site`() throws {
    let centre = try TestCenter()
    var device = try centre.device(of: "HILL")
    _ = try centre.push([device.seal()], by: device)
    let before = Set(try DatabaseText.dump(centre.path).split(separator: "\n"))
    _ = try centre.device(of: "COAST")
    let after = Set(try DatabaseText.dump(centre.path).split(separator: "\n"))
    // Rows are only added: those of the new site, and the audit entries that name it.
    #expect(before.subtracting(after) == [])
    #expect(after.subtracting(before).allSatisfy { !$0.contains("HILL") })
  }
}
