// SPDX-License-Identifier: Apache-2.0
import Foundation
import SyncProtocol
import TestSupport
import Testing

struct EnrollmentTests {
  private static func code(_ seed: UInt64 = 1) -> EnrollmentCode {
    var generator = SeededGenerator(seed: seed)
    return .random(using: &generator)
  }

  private static let key = Data(repeating: 9, count: 32)
  private static let request = Enrollment.request(site: "CD", publicKey: key, code: code())
  private static let reply = Enrollment.reply(
    keyID: "k1",
    centerKeyID: "c1",
    centerPublicKey: Data(repeating: 8, count: 32),
    rootEnvelope: Data("{}".utf8),
    centerName: "Centre",
    authority: "centre.example:8443",
    to: request,
    code: code()
  )

  @Test func `a code is six groups of four and comes back as typed`() throws {
    let code = Self.code()
    #expect(code.formatted.split(separator: "-").map(\.count) == [4, 4, 4, 4, 4, 4])
    #expect(try EnrollmentCode(parsing: code.formatted) == code)
    let typed = " " + code.formatted.lowercased().replacingOccurrences(of: "-", with: " ")
    #expect(try EnrollmentCode(parsing: typed) == code)
  }

  @Test func `letters that look like digits are read as digits`() throws {
    #expect(
      try EnrollmentCode(parsing: "OIL0-0000-0000-0000-0000-0000")
        == EnrollmentCode(parsing: "0110-0000-0000-0000-0000-0000")
    )
  }

  @Test(arguments: ["", "0000", "U000-0000-0000-0000-0000-0000", "00000-0000-0000-0000-0000-0000"])
  func `other texts are no code`(text: String) {
    #expect(throws: SyncProtocolError.notAnEnrollmentCode) { try EnrollmentCode(parsing: text) }
  }

  @Test func `both messages come back and verify`() throws {
    let request = try EnrollmentRequest(decoding: Self.request.encoded())
    #expect(request == Self.request)
    try Enrollment.verify(request, code: Self.code())
    let reply = try EnrollmentReply(decoding: Self.reply.encoded())
    #expect(reply == Self.reply)
    try Enrollment.verify(reply, publicKey: Self.key, code: Self.code())
  }

  @Test func `another code, key or site does not verify`() {
    let differs = SyncProtocolError.enrollmentCodeDiffers
    #expect(throws: differs) { try Enrollment.verify(Self.request, code: Self.code(2)) }
    let otherKey = EnrollmentRequest(
      site: "CD",
      publicKey: Data(repeating: 1, count: 32),
      mac: Self.request.mac
    )
    #expect(throws: differs) { try Enrollment.verify(otherKey, code: Self.code()) }
    let otherSite = EnrollmentRequest(site: "CE", publicKey: Self.key, mac: Self.request.mac)
    #expect(throws: differs) { try Enrollment.verify(otherSite, code: Self.code()) }
  }

  @Test func `a reply to another device or with another key does not verify`() {
    let differs = SyncProtocolError.enrollmentCodeDiffers
    #expect(throws: differs) {
      try Enrollment.verify(
        Self.reply,
        publicKey: Data(repeating: 1, count: 32),
        code: Self.code()
      )
    }
    let other = EnrollmentReply(
      keyID: "k1",
      centerKeyID: "c1",
      centerPublicKey: Data(repeating: 7, count: 32),
      rootEnvelope: Self.reply.rootEnvelope,
      centerName: "Centre",
      authority: "centre.example:8443",
      mac: Self.reply.mac
    )
    #expect(throws: differs) {
      try Enrollment.verify(other, publicKey: Self.key, code: Self.code())
    }
  }

  @Test func `the code is in neither message`() throws {
    let plain = Self.code().formatted.replacingOccurrences(of: "-", with: "")
    for bytes in [try Self.request.encoded(), try Self.reply.encoded()] {
      let text = String(decoding: bytes, as: UTF8.self)
      #expect(!text.contains(plain))
      #expect(!text.contains(Self.code().formatted))
    }
  }

  @Test(arguments: [
    #"{"site":"CD","site":"CE","public_key":"","mac":""}"#,
    #"{"site":"CD","public_key":"","mac":"","extra":1}"#, #"{"site":"CD","public_key":""}"#,
    #"{"site":1,"public_key":"","mac":""}"#, "[]", "",
  ])
  func `other JSON than the one object is refused`(text: String) {
    #expect(throws: SyncProtocolError.form(.json)) {
      try EnrollmentRequest(decoding: Data(text.utf8))
    }
  }
}
