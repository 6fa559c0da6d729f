// SPDX-License-Identifier: Apache-2.0

import CommandSupport
import SiteReplica
import SyncProtocol

/// Says failures of the network and the centre in sentences.
enum RemoteFailureText {
  private static let kept = "Nothing is lost: run the command again later"

  static func describe(_ failure: RemoteFailure) -> CommandFailure {
    switch failure {
    case .transport(let error): transport(error)
    case .refused(let status, let code, let message): refused(status, code, message)
    case .busy(let seconds):
      CommandFailure(
        .remote,
        what: "The centre had too many requests from this device or address",
        todo: "Run the command again in \(seconds) seconds; nothing is lost"
      )
    case .notFromCenter(let status, let reason):
      CommandFailure(
        .remote,
        what: "The answer does not bear the centre's signature (status \(status), \(reason))",
        todo: "Ask the site's IT whether a proxy answered in its place. \(kept)"
      )
    case .versionDiffers(let theirs, let ours):
      CommandFailure(
        .remote,
        what: "The centre speaks version \(theirs) of the protocol, this program version \(ours)",
        todo: "Install a newer version of this program. \(kept)"
      )
    case .malformedAnswer:
      CommandFailure(
        .remote,
        what: "The centre's answer could not be understood",
        todo: "Check that both programs are of the same version. \(kept)"
      )
    case .wrongEnrollmentCode:
      CommandFailure(
        .remote,
        what: "The answer was not made with the enrolment code",
        todo: "Check the server's address and the code; nothing was enrolled"
      )
    case .diverged(let replica):
      CommandFailure(
        .remote,
        what: "The centre holds another history of a device",
        to: replica,
        todo: "Tell the coordinating centre; nothing was overwritten"
      )
    case .tooManyRequests(let limit):
      CommandFailure(
        .remote,
        what: "The sync did not end within \(limit) requests",
        todo: kept
      )
    }
  }

  private static func transport(_ error: TransportError) -> CommandFailure {
    switch error {
    case .unreachable(let host, let reason):
      CommandFailure(
        .remote,
        what: "The centre cannot be reached (\(reason))",
        to: host,
        todo: "Check the network. \(kept)"
      )
    case .untrustedCertificate(let host, let reason): certificate(host, reason)
    case .timedOut(let host):
      CommandFailure(
        .remote,
        what: "The centre did not answer in time",
        to: host,
        todo: kept
      )
    case .proxyRefused(let reason):
      CommandFailure(
        .remote,
        what: "The proxy refused the connection (\(reason))",
        todo: "Check --proxy or https_proxy with the site's IT. \(kept)"
      )
    case .tooLarge(let limit):
      CommandFailure(
        .remote,
        what: "The answer is larger than \(limit >> 20) MiB",
        todo: kept
      )
    case .malformedURL(let url):
      CommandFailure(
        .usage,
        what: "The server's address is not usable",
        to: url,
        todo: "Give it as https://HOST[:PORT]"
      )
    case .interrupted:
      CommandFailure(.remote, what: "The connection to the centre broke off", todo: kept)
    }
  }

  private static func certificate(_ host: String, _ reason: String) -> CommandFailure {
    if reason.contains("not yet valid") || reason.contains("expired") {
      return CommandFailure(
        .remote,
        what: "The server's certificate is not good at this computer's time (\(reason))",
        to: host,
        todo: "Set this computer's clock; when it is right, tell the coordinating centre. \(kept)"
      )
    }
    return CommandFailure(
      .remote,
      what: "The server's certificate is not trusted (\(reason))",
      to: host,
      todo: "Give the centre's own certificate authority with --ca FILE; nothing was sent"
    )
  }

  private static func refused(_ status: Int, _ code: String, _ message: String) -> CommandFailure {
    let said = message.isEmpty ? "" : ": \(message)"
    if code.contains("revoked") {
      return CommandFailure(
        .remote,
        what: "The centre has revoked this site or device\(said)",
        todo: "Changes stay here; talk to the coordinating centre"
      )
    }
    if code.contains("code") || status == 410 {
      return CommandFailure(
        .remote,
        what: "The centre did not accept the enrolment code\(said)",
        todo: "Ask for a new code: each works once and for 72 hours"
      )
    }
    if code == "wire_version" {
      return CommandFailure(
        .remote,
        what: "The centre cannot read what this version of the program writes\(said)",
        todo: "Tell the coordinating centre. \(kept)"
      )
    }
    let name = code.isEmpty ? "status \(status)" : "status \(status), \(code)"
    return CommandFailure(
      .remote,
      what: "The centre refused the request (\(name))\(said)",
      todo: "Tell the coordinating centre. \(kept)"
    )
  }
}
