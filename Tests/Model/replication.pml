/* SPDX-License-Identifier: Apache-2.0
 *
 * Replication of one address between two devices (0, 1) and the centre (2): saving, sealing,
 * exchange in any order and any number of times, a restored device, a restored centre.
 *
 * A change is known by a number in the order of saving. The chain prefixes in contexts make an
 * entry name one history and no other, so sets of changes stand for vectors with prefixes.
 *
 * Compile with -D:
 *   N=4        most changes
 *   RESTORE=1  device 0 is put back to an older state once, and writes on under the same id
 *   RESTORE=2  the centre is put back to an older state once
 * and one mutant, which must be refuted:
 *   SEAL_AFTER_PULL  what is pending is not sealed before foreign changes are applied
 *   NO_GUARD         a change is applied before its context is there
 *   LAST_WRITER_WINS the newest change alone is kept
 *   RESEAL           a sealed change that the centre lacks is sealed again
 *   IGNORE_FORK      another history under a known sequence is taken for a duplicate
 *   COVER_ALL        a write removes all heads, whatever its context covers
 *   TRUST_STATED     a device never sends again what the centre once had
 *   DROP_AT_FORK     a device that takes a new id does not issue its changes again
 */
#ifndef N
#define N 4
#endif
#ifndef RESTORE
#define RESTORE 0
#endif
#define BIT(c) (1 << (c))
#define HAS(set, c) (((set) & BIT(c)) != 0)
#define SAME_DOT(c, d) (author[c] == author[d] && sequence[c] == sequence[d])
#define ALL(n) (logged[n] | pending[n])

byte made = 0;          /* changes saved so far */
byte lost = 0;          /* changes that went with a restored device */
byte author[N];         /* the replica id: 0, 1, or 2 after a fork of device 0 */
byte sequence[N];
byte saw[N];            /* truth: what was on the device when the change was saved */
byte context[N];        /* what its sealed batch says it had */
byte logged[3];
byte pending[3];
byte heads[3];
byte acknowledged[2];   /* what the centre was once sent by a device */
byte own[3];            /* the replica id under which a device writes */
byte keptLog, keptPending, keptHeads;
bit isKept, isRestored;

/* Working variables, 0 between steps. */
byte i, k, n, count;
bit ok, clash;

inline clear() { i = 0; k = 0; n = 0; count = 0; ok = 0; clash = 0 }

inline apply(node, change, covered) {
#if defined(LAST_WRITER_WINS)
  heads[node] = (heads[node] > BIT(change) -> heads[node] : BIT(change));
#elif defined(COVER_ALL)
  heads[node] = BIT(change);
#else
  heads[node] = (heads[node] & ~(covered)) | BIT(change);
#endif
}

/* Seals what is pending: the context is the log's foreign part and one's own earlier changes. */
inline seal(node) {
  i = 0;
  do
  :: i < made ->
     if
     :: HAS(pending[node], i) ->
        context[i] = 0; k = 0;
        do
        :: k < made ->
           if
           :: HAS(logged[node], k) && author[k] != own[node] -> context[i] = context[i] | BIT(k)
           :: HAS(ALL(node), k) && author[k] == own[node] && sequence[k] < sequence[i] ->
              context[i] = context[i] | BIT(k)
           :: else -> skip
           fi;
           k++
        :: else -> break
        od
     :: else -> skip
     fi;
     i++
  :: else -> break
  od;
  logged[node] = logged[node] | pending[node];
  pending[node] = 0
}

/* What must hold in every state. */
inline check() {
  n = 0;
  do
  :: n < 3 ->
     i = 0;
     do
     :: i < 3 -> assert(ALL(n) != ALL(i) || heads[n] == heads[i]); i++
     :: else -> break
     od;
     i = 0;
     do
     :: i < made ->
        if
        :: HAS(ALL(n), i) ->
           ok = 0; k = 0;
           do
           :: k < made ->
              if :: HAS(ALL(n), k) && HAS(saw[k], i) -> ok = 1 :: else -> skip fi;
              k++
           :: else -> break
           od;
           /* Shown unless a change that had seen it is there: nothing lost, nothing back. */
           assert(HAS(heads[n], i) == !ok)
        :: else -> assert(!HAS(heads[n], i))
        fi;
        i++
     :: else -> break
     od;
     n++
  :: else -> break
  od
}

inline save(node) {
  author[made] = own[node]; count = 0; i = 0;
  do
  :: i < made ->
     if :: HAS(ALL(node), i) && author[i] == own[node] -> count++ :: else -> skip fi; i++
  :: else -> break
  od;
  sequence[made] = count + 1;
  saw[made] = ALL(node);
  apply(node, made, saw[made]);
  pending[node] = pending[node] | BIT(made);
  made++
}

/* Whether another history stands under the change's sequence at the receiver. */
inline findClash(to, change) {
  clash = 0; i = 0;
  do
  :: i < made ->
     if
     :: HAS(ALL(to), i) && i != change && SAME_DOT(i, change) -> clash = 1
     :: else -> skip
     fi;
     i++
  :: else -> break
  od
}

inline receive(to, change) {
#ifndef SEAL_AFTER_PULL
  seal(to);
#endif
  findClash(to, change);
  if
  :: clash -> skip
  :: else -> apply(to, change, context[change]); logged[to] = logged[to] | BIT(change)
  fi
}

#ifdef TRUST_STATED
#define WILLING(from, c) (from == 2 || !HAS(acknowledged[from % 2], c))
#define NOTE(from, c) if :: from < 2 -> acknowledged[from % 2] = acknowledged[from % 2] | BIT(c) \
  :: else -> skip fi
#else
#define WILLING(from, c) true
#define NOTE(from, c) skip
#endif
#ifdef NO_GUARD
#define READY(to, c) true
#else
#define READY(to, c) ((context[c] & ~logged[to]) == 0)
#endif
/* A device does not take its own id's changes from elsewhere: it takes another id. */
#define CAN(from, to, c) (c < made && HAS(logged[from], c) && !HAS(logged[to], c) \
  && READY(to, c) && WILLING(from, c) && (to == 2 || author[c] != own[to]) && !IS_CLASH(to, c))
/* The same as findClash, as one expression, so that a hopeless exchange is not a step. */
#define SAME(to, c, x) (x < made && x != c && HAS(ALL(to), x) && author[x % N] == author[c] \
  && sequence[x % N] == sequence[c])
#if N == 4
#define IS_CLASH(to, c) (SAME(to, c, 0) || SAME(to, c, 1) || SAME(to, c, 2) || SAME(to, c, 3))
#else
#define IS_CLASH(to, c) (SAME(to, c, 0) || SAME(to, c, 1) || SAME(to, c, 2) || SAME(to, c, 3) \
  || SAME(to, c, 4))
#endif
#define EXCHANGE(from, to, c) \
  :: atomic { CAN(from, to, c) -> d_step { NOTE(from, c); receive(to, c); check(); clear() } }

/* The centre holds another history, or more, of the id under which device 0 writes. */
#define AHEAD(c) (c < made && HAS(logged[2], c) && author[c] == own[0] && !HAS(logged[0], c))
#if N == 4
#define IS_FORKED (AHEAD(0) || AHEAD(1) || AHEAD(2) || AHEAD(3))
#else
#define IS_FORKED (AHEAD(0) || AHEAD(1) || AHEAD(2) || AHEAD(3) || AHEAD(4))
#endif

/* Takes a new id and issues again what the centre lacks, in its old order and context. */
inline fork() {
  seal(0);
  i = 0; count = 0;
  do
  :: i < made ->
     if
     :: HAS(logged[0], i) && author[i] == own[0] && !HAS(logged[2], i) ->
#ifdef DROP_AT_FORK
        logged[0] = logged[0] & ~BIT(i); heads[0] = heads[0] & ~BIT(i)
#else
        count++; author[i] = 2; sequence[i] = count
#endif
     :: else -> skip
     fi;
     i++
  :: else -> break
  od;
  own[0] = 2
}

inline keep(node) {
  keptLog = logged[node]; keptPending = pending[node]; keptHeads = heads[node]; isKept = 1
}

inline restore(node) {
  lost = ALL(node) & ~(keptLog | keptPending);
  logged[node] = keptLog; pending[node] = keptPending; heads[node] = keptHeads;
  lost = lost & ~(ALL(0) | ALL(1) | ALL(2));
  keptLog = 0; keptPending = 0; keptHeads = 0; isRestored = 1
}

active proctype world() {
  d_step { own[0] = 0; own[1] = 1; own[2] = 3 }
  do
  :: atomic { made < N -> d_step { save(0); check(); clear() } }
  :: atomic { made < N -> d_step { save(1); check(); clear() } }
  :: atomic { pending[0] != 0 -> d_step { seal(0); check(); clear() } }
  :: atomic { pending[1] != 0 -> d_step { seal(1); check(); clear() } }
#define ALL_EXCHANGES(from, to) \
  EXCHANGE(from, to, 0) EXCHANGE(from, to, 1) EXCHANGE(from, to, 2) EXCHANGE(from, to, 3)
  ALL_EXCHANGES(0, 2)
  ALL_EXCHANGES(1, 2)
  ALL_EXCHANGES(2, 0)
  ALL_EXCHANGES(2, 1)
#if N > 4
  EXCHANGE(0, 2, 4)
  EXCHANGE(1, 2, 4)
  EXCHANGE(2, 0, 4)
  EXCHANGE(2, 1, 4)
#endif
#ifdef RESEAL
  :: atomic { made > 0 && HAS(logged[0], 0) && author[0] == own[0] && !HAS(logged[2], 0) ->
       d_step { context[0] = logged[0] & ~BIT(0); check(); clear() } }
#endif
#if RESTORE == 1
  :: atomic { !isKept -> d_step { keep(0) } }
  :: atomic { isKept && !isRestored -> d_step { restore(0); check(); clear() } }
#ifndef IGNORE_FORK
  :: atomic { IS_FORKED && own[0] == 0 -> d_step { fork(); check(); clear() } }
#endif
#elif RESTORE == 2
  :: atomic { !isKept -> d_step { keep(2) } }
  :: atomic { isKept && !isRestored -> d_step { restore(2); check(); clear() } }
#endif
  :: timeout ->
     /* Nothing is left to do: everyone holds all that was not lost with a device. */
     assert(logged[0] == logged[2] && logged[1] == logged[2]);
     assert((BIT(made) - 1 & ~lost) == logged[2]);
     break
  od
}
