// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing

/// A hospital and the centre that exchange files, through the real programs.
@Suite struct BundleTests {
  @Test func `a hospital with no line syncs by a stick both ways`() throws {
    let centre = try CentreProcess()
    let first = try centre.device(of: "HILL")
    let second = try centre.device(of: "HILL")
    centre.stop()
    let stick = try ScratchFolder()
    let (there, back) = (stick.path("there.bundle"), stick.path("back.bundle"))

    #expect(try first.run(["import", Fixtures.path("hill")]).status == 0)
    #expect(try first.run(["bundle", "write", there]).integer("changesets") == 38)
    let taken = try centre.run(["bundle", "read", there])
    #expect(taken.status == 0, "\(taken.errors)")
    #expect(try taken.integer("accepted") == 38)
    #expect(try taken.flag("digest_equal"))
    #expect(try centre.run(["bundle", "read", there]).status == 0)

    #expect(try second.run(["bundle", "write", there]).integer("changesets") == 0)
    #expect(try centre.run(["bundle", "read", there]).status == 0)
    #expect(try centre.run(["bundle", "write", back, "--site", "HILL"]).status == 0)
    for (device, pulled) in [(first, 0), (second, 38)] {
      let read = try device.run(["bundle", "read", back])
      #expect(read.status == 0, "\(read.errors)")
      #expect(try read.integer("pulled_changesets") == pulled)
      #expect(try read.flag("digest_equal"))
      #expect(try device.run(["status"]).integer("unsent") == 0)
    }
  }

  @Test func `a hospital with no line gets the released model by file`() throws {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    centre.stop()
    #expect(try !device.run(["model"]).flag("signed"))
    let back = device.folder.path("back.bundle")
    #expect(try centre.run(["bundle", "write", back, "--site", "HILL"]).status == 0)
    let read = try device.run(["bundle", "read", back])
    #expect(read.status == 0, "\(read.errors)")
    #expect(try read.integer("model_version") == 1)
    #expect(try device.run(["model"]).flag("signed"))
  }

  @Test func `a file that was cut off is said to be, and what came before is kept`() throws {
    let centre = try CentreProcess()
    let device = try centre.device(of: "HILL")
    centre.stop()
    let file = device.folder.path("there.bundle")
    #expect(try device.run(["import", Fixtures.path("hill")]).status == 0)
    #expect(try device.run(["bundle", "write", file]).status == 0)
    let saved = try device.run(["set", "-"], input: "HIL000001 baseline lymphocytes=1.61")
    #expect(saved.status == 0, "\(saved.errors)")
    #expect(try device.run(["bundle", "write", file]).integer("batches") == 2)
    let bytes = try Data(contentsOf: URL(filePath: file))
    try bytes.dropLast(1).write(to: URL(filePath: file))
    let read = try centre.run(["bundle", "read", file])
    #expect(read.status == 3)
    #expect(read.errors.contains("ends too early"))
    #expect(try read.integer("accepted") == 38)
    #expect(try read.flag("truncated"))
  }
}
