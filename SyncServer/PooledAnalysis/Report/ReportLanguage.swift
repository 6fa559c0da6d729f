// SPDX-License-Identifier: Apache-2.0

/// A language of the printed report.
public enum ReportLanguage: String, CaseIterable, Codable, Hashable, Sendable {
  /// English.
  case english = "en"
  /// Chinese, simplified characters.
  case chinese = "zh"

  /// The tag of BCP 47 that the page carries.
  var tag: String { self == .chinese ? "zh-CN" : "en" }

  /// What the language calls itself.
  var ownName: String { self == .chinese ? "中文" : "English" }
}
