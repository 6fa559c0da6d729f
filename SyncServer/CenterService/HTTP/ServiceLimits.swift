// SPDX-License-Identifier: Apache-2.0

/// Bounds of the service: every queue, size and time has one.
public struct ServiceLimits: Sendable {
  /// Connections open at once; more wait to be accepted.
  ///
  /// Some hundred slow ones must leave room for hospitals.
  public var connections = 1_024
  /// Seconds for a whole request: header, body, work and answer.
  public var requestSeconds = 60
  /// Seconds for which a connection may lie idle.
  public var idleSeconds = 30
  /// Seconds for requests in progress to finish after the service was told to stop.
  public var shutdownSeconds = 30
  /// Requests a minute of one key; a minute's worth may come at once.
  public var requestsPerMinute = 600
  /// Refused requests a minute from one address, before refusals only say to wait.
  public var failuresPerMinute = 60
  /// Failed enrolments a minute from one address.
  public var enrolmentsPerMinute = 10
  /// Bytes of one header field.
  public var headerFieldBytes = 8 << 10
  /// Bytes of all header fields.
  public var headerBytes = 32 << 10
  /// Header fields.
  public var headerFields = 64
  /// Bytes of a target: path and query.
  public var targetBytes = 1 << 10
  /// Bytes of the body of a sync.
  public var syncBodyBytes = 16 << 20
  /// Bytes of any other body.
  public var bodyBytes = 64 << 10

  /// The bounds that fit a centre of some hundred hospitals.
  public init() {}
}
