// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Keeps what a program holds in memory out of what a crash leaves behind.
///
/// A core file is a copy of the memory, and the runtime's backtrace prints bytes around registers:
/// both would carry patients' values to a place that nobody guards.
public enum CrashPrivacy {
  /// Signals that end a program with a core file or a backtrace.
  static let fatalSignals = [SIGQUIT, SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV]

  /// Forbids core files, empties those that a collector of the system takes all the same, and
  /// gives fatal signals back their plain meaning: the process ends and prints nothing.
  public static func apply() {
    var none = rlimit(rlim_cur: 0, rlim_max: 0)
    setrlimit(__rlimit_resource_t(RLIMIT_CORE.rawValue), &none)
    // A collector behind a pipe is not bound by the limit; it gets no mapping of the memory.
    let descriptor = open("/proc/self/coredump_filter", O_WRONLY | O_CLOEXEC)
    if descriptor >= 0 {
      _ = write(descriptor, "0", 1)
      close(descriptor)
    }
    for number in fatalSignals { signal(number, SIG_DFL) }
  }
}
