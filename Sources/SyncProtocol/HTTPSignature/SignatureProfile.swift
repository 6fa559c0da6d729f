// SPDX-License-Identifier: Apache-2.0

/// The fixed points of this protocol's use of RFC 9421.
public enum SignatureProfile {
  /// The label of the one signature of a message.
  public static let label = "lobule"
  /// The tag that separates this protocol's signatures from others'.
  public static let tag = "lobule-sync-1"
  /// The content type given to a body that has none.
  static let defaultContentType = "application/octet-stream"

  /// What a request must cover.
  static func requestComponents(hasBody: Bool) -> [SignatureComponent] {
    hasBody ? head + body : head
  }

  /// What a response must cover; the request's signature only when the request carried one.
  static func responseComponents(isBoundToRequest: Bool) -> [SignatureComponent] {
    let own = [.status] + body
    return isBoundToRequest ? own + [.requestSignature] : own
  }

  private static let head = ["@method", "@authority", "@path", "@query"]
    .map(SignatureComponent.init(name:))
  private static let body = ["content-type", "content-digest"].map(SignatureComponent.init(name:))
}
