// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import SyncProtocol

@Suite struct ModelChannelStateTests {
  struct Step: Decodable {
    let roots: [Envelope]?
    let timestamp: Envelope?
    let model: Envelope?

    var update: ModelChannelUpdate {
      ModelChannelUpdate(roots: roots ?? [], timestamp: timestamp, model: model)
    }
  }

  struct Case: Decodable, CustomTestStringConvertible {
    let name: String
    let now: String
    let steps: [Step]
    let expect: [String]
    let final_models: [String: UInt64]
    var testDescription: String { name }
  }

  struct File: Decodable {
    let trusted_root_v1_envelope: Envelope
    let cases: [Case]
  }

  static func load() throws -> File { try VectorFile.decode(File.self, from: "model_channel.json") }

  static func start() throws -> ModelChannelState {
    ModelChannelState(trusting: try TrustedRoot(load().trusted_root_v1_envelope))
  }

  /// Takes a step; the word of the verdict.
  static func verdict(_ state: inout ModelChannelState, _ step: Step, now: Int) -> String {
    do throws(ModelChannelRefusal) {
      switch try state.accept(step.update, now: now) {
      case .accepted: return "accept"
      case .unchanged: return "noop"
      }
    } catch {
      return error.rawValue
    }
  }

  @Test func `there are 27 cases`() throws {
    #expect(try Self.load().cases.count == 27)
  }

  @Test(arguments: try load().cases)
  func `a case has its verdicts`(_ example: Case) throws {
    var state = try Self.start()
    let now = try #require(ChannelTime.seconds(example.now))
    let found = example.steps.map { Self.verdict(&state, $0, now: now) }
    #expect(found == example.expect)
    #expect(state.models.mapValues(\.version) == example.final_models)
  }

  @Test(arguments: try load().cases)
  func `a refused step leaves the state unchanged`(_ example: Case) throws {
    var state = try Self.start()
    let now = try #require(ChannelTime.seconds(example.now))
    for step in example.steps {
      let before = state
      let verdict = Self.verdict(&state, step, now: now)
      if verdict != "accept" { #expect(state == before) }
    }
  }

  @Test(arguments: try load().cases)
  func `a state read back from JSON goes on alike`(_ example: Case) throws {
    var state = try Self.start()
    let now = try #require(ChannelTime.seconds(example.now))
    var found: [String] = []
    for step in example.steps {
      found.append(Self.verdict(&state, step, now: now))
      let bytes = try JSONEncoder().encode(state)
      state = try JSONDecoder().decode(ModelChannelState.self, from: bytes)
    }
    #expect(found == example.expect)
  }
}
