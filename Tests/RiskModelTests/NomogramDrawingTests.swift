// SPDX-License-Identifier: Apache-2.0
import Foundation
import RiskModel
import Testing

@Suite struct NomogramDrawingTests {
  private func drawing(_ t2: Bool, _ adc: Bool, _ nlr: Bool) throws -> String {
    let release = try SeedModel.release()
    let score = try Scorer(release).score(SeedModel.inputs(t2: t2, adc: adc, nlr: nlr))
    return NomogramDrawing.svg(release: release, score: score)
  }

  @Test func `the statement on use and the outcome stand on the drawing`() throws {
    let svg = try drawing(true, false, false)
    #expect(svg.contains(">Research use; not externally validated.</text>"))
    #expect(svg.contains("no objective response (SD or PD, mRECIST) at 6 months"))
    #expect(svg.contains("Not a reason to stop treatment."))
  }

  @Test func `the patient's risk and interval stand on the drawing`() throws {
    let svg = try drawing(true, false, false)
    #expect(svg.contains(">86.0 %</text>"))
    #expect(svg.contains(">high risk</text>"))
    #expect(svg.contains("95 % interval"))
  }

  @Test func `the drawing without a patient marks nobody`() throws {
    let svg = NomogramDrawing.svg(release: try SeedModel.release(), score: nil)
    #expect(!svg.contains("This patient"))
    #expect(!svg.contains("<circle"))
  }

  @Test func `the drawing is well-formed and refers to nothing outside`() throws {
    let svg = try drawing(false, true, true)
    #expect(!svg.contains("href"))
    #expect(!svg.contains("url("))
    #expect(
      svg.components(separatedBy: "<text").count == svg.components(separatedBy: "</text>").count
    )
  }

  @Test func `reserved characters in a name are escaped`() throws {
    let bytes = try SeedModel.altered { $0["name"] = "A<B & \"C\"" }
    let svg = NomogramDrawing.svg(release: try ModelRelease.decode(bytes), score: nil)
    #expect(svg.contains("A&lt;B &amp; &quot;C&quot;"))
  }

  /// Writes the drawings where a person can look at them, when asked to.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["LOBULE_DRAWINGS"] != nil))
  func `drawings are written for looking at`() throws {
    let folder = URL(filePath: ProcessInfo.processInfo.environment["LOBULE_DRAWINGS"] ?? ".")
    for (name, pattern) in [("high", (true, false, false)), ("low", (false, true, true))] {
      let svg = try drawing(pattern.0, pattern.1, pattern.2)
      try Data(svg.utf8).write(to: folder.appending(path: "nomogram-\(name).svg"))
    }
    let empty = NomogramDrawing.svg(release: try SeedModel.release(), score: nil)
    try Data(empty.utf8).write(to: folder.appending(path: "nomogram-empty.svg"))
  }
}
