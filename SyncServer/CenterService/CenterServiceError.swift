// SPDX-License-Identifier: Apache-2.0

public import Center
public import PooledAnalysis

/// Why the centre's service could not be set up or could not go on.
public enum CenterServiceError: Error, Equatable, Sendable {
  /// A certificate could not be made or read.
  case certificate(String)
  /// A host given on the command line is neither a name nor an address.
  case malformedHost(String)
  /// The folder already holds a coordinating centre.
  case alreadyInitialised(path: String)
  /// The folder holds no coordinating centre.
  case notInitialised(path: String)
  /// A file could not be read or written.
  case file(path: String, reason: String)
  /// A key file is not in the expected form.
  case malformedKeyFile(path: String)
  /// A document of the model channel could not be made.
  case modelChannel(String)
  /// The analysis could not be done.
  case analysis(PooledAnalysisError)
  /// The address could not be listened on.
  case listen(address: String, reason: String)
  /// The centre itself refused.
  case center(CenterError)
}
