// SPDX-License-Identifier: Apache-2.0
import Foundation
import RegistryDatabase
import Testing

struct PrivateFilesTests {
  private let scratch = TemporaryFolder()

  @Test(arguments: [
    ("/a/b", "/a"), ("/a/b/", "/a"), ("/a", "/"), ("/", "/"), ("a/b", "a"), ("a", "."), ("a/", "."),
    ("", ""),
  ])
  func `the folder of a path is found as the system would`(path: String, folder: String) {
    #expect(PrivateFiles.folder(of: path) == folder)
  }

  @Test func `folders are made with those above them, for their owner alone`() throws {
    try PrivateFiles.makeFolder(scratch.path + "/a/b/")
    try PrivateFiles.makeFolder(scratch.path + "/a/b")
    #expect(try scratch.mode("/a") == 0o700)
    #expect(try scratch.mode("/a/b") == 0o700)
  }

  @Test func `a folder under a file is refused by the system's reason`() throws {
    try PrivateFiles.makeFolder(scratch.path)
    try Data().write(to: URL(filePath: scratch.path + "/file"))
    let error = #expect(throws: RegistryDatabaseError.self) {
      try PrivateFiles.makeFolder(scratch.path + "/file/below")
    }
    #expect(error?.reason.hasSuffix("Not a directory") == true)
  }

  @Test func `a copy is whole and private`() throws {
    try PrivateFiles.makeFolder(scratch.path)
    let content = Data((0..<200_000).map { UInt8(truncatingIfNeeded: $0) })
    try content.write(to: URL(filePath: scratch.path + "/from"))
    try PrivateFiles.copy(scratch.path + "/from", to: scratch.path + "/to")
    #expect(try Data(contentsOf: URL(filePath: scratch.path + "/to")) == content)
    #expect(try scratch.mode("/to") == 0o600)
  }

  @Test func `a copy that fails leaves neither the name nor a part`() throws {
    try PrivateFiles.makeFolder(scratch.path + "/from")
    #expect(throws: RegistryDatabaseError.self) {
      try PrivateFiles.copy(scratch.path + "/from", to: scratch.path + "/to")
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["from"])
  }
}
