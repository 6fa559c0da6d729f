// SPDX-License-Identifier: Apache-2.0

import CenterService
import Testing

@Suite struct TokenBucketsTests {
  @Test func `a full bucket holds a minute's worth and no more`() {
    let buckets = TokenBuckets(perMinute: 3)
    let waits = (0..<5).map { _ in buckets.take("a", now: 1000) }
    #expect(waits == [nil, nil, nil, 20, 20])
  }

  @Test func `a bucket fills at its rate`() {
    let buckets = TokenBuckets(perMinute: 3)
    for _ in 0..<3 { _ = buckets.take("a", now: 0) }
    #expect(buckets.take("a", now: 19.9) == 1)
    #expect(buckets.take("a", now: 20) == nil)
    #expect(buckets.take("a", now: 20) == 20)
  }

  @Test func `each name has its own bucket`() {
    let buckets = TokenBuckets(perMinute: 1)
    #expect(buckets.take("a", now: 0) == nil)
    #expect(buckets.take("b", now: 0) == nil)
    #expect(buckets.take("a", now: 0) == 60)
  }

  @Test func `asking takes nothing, and what is given back can be taken again`() {
    let buckets = TokenBuckets(perMinute: 1)
    #expect(buckets.wait("a", now: 0) == nil)
    #expect(buckets.take("a", now: 0) == nil)
    #expect(buckets.wait("a", now: 0) == 60)
    buckets.giveBack("a", now: 0)
    #expect(buckets.take("a", now: 0) == nil)
  }

  @Test func `a bucket that is given back to stays as deep as it was`() {
    let buckets = TokenBuckets(perMinute: 1)
    for _ in 0..<9 { buckets.giveBack("a", now: 0) }
    #expect(buckets.take("a", now: 0) == nil)
    #expect(buckets.take("a", now: 0) == 60)
  }

  @Test func `an empty bucket is remembered while it fills`() {
    let buckets = TokenBuckets(perMinute: 2)
    for _ in 0..<2 { _ = buckets.take("a", now: 59) }
    // The generations turn in between.
    _ = buckets.take("b", now: 61)
    #expect(buckets.take("a", now: 61) != nil)
  }

  @Test func `a clock that goes back fills nothing`() {
    let buckets = TokenBuckets(perMinute: 1)
    _ = buckets.take("a", now: 100)
    #expect(buckets.take("a", now: 10) == 60)
  }

  @Test(arguments: [
    ("192.0.2.1", "192.0.2.1"), ("::ffff:192.0.2.1", "192.0.2.1"),
    ("2001:db8:1:2::1", "20:1:d:b8:0:1:0:2/64"), ("2001:db8:1:2:ffff::9", "20:1:d:b8:0:1:0:2/64"),
  ])
  func `one host of version 6 has one owner, whichever address it takes`(
    address: String,
    owner: String
  ) {
    #expect(HostAddress.owner(address) == owner)
  }
}
