// SPDX-License-Identifier: Apache-2.0

extension AnalysisPlan {
  /// How the study is run: stated for readers, used in no estimate.
  public struct Conduct: Codable, Hashable, Sendable {
    /// Where the study is registered.
    public var registration: String?
    /// Where its protocol is found.
    public var protocolReference: String?
    /// From when to when patients were treated; calendar dates leave no site.
    public var period: String?
    /// Who is eligible.
    public var eligibility: String?
    /// Who was blinded to what.
    public var blinding: String?
    /// Who paid.
    public var funding: String?
    /// Competing interests.
    public var interests: String?
    /// How patients and the public took part.
    public var involvement: String?
    /// Who can have the data.
    public var sharing: String?
    /// By site code.
    public var sites: [String: Site]?

    /// What one site states.
    public struct Site: Codable, Hashable, Sendable {
      /// The committee, the number and the date of its approval.
      public var approval: String?
      /// How consent is given, or who waived it.
      public var consent: String?
      /// What kind of hospital it is.
      public var setting: String?
    }

    private enum CodingKeys: String, CodingKey {
      case registration, period, eligibility, blinding, funding, interests, involvement, sharing,
        sites
      case protocolReference = "protocol"
    }
  }
}
